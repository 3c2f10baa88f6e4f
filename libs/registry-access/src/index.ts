export { connectRegistry, type RegistryAccess, type RegistryConnection } from './connect-registry.js';
export { closeRegistries, connectRegistries, type RegistryConnections } from './registry-connections.js';
