export {
  closeRegistry,
  connectRegistry,
  type RegistryAccess,
  type RegistryConnection,
} from './connect-registry.js';
export { closeRegistries, connectRegistries, type RegistryConnections } from './registry-connections.js';
export { type RegistryLimits, registryLimits } from './registry-limits.js';
export { RegistryManners } from './registry-manners.js';
