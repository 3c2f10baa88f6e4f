import type { RegistryName } from '@pratique/contracts';
import type { RegistrySettings } from '@pratique/registries';
import {
  closeRegistry,
  connectRegistry,
  type RegistryAccess,
  type RegistryConnection,
} from './connect-registry.js';
import { RegistryManners } from './registry-manners.js';

/** Every registry of the configuration, by name: the only registries that a service can reach. */
export type RegistryConnections = ReadonlyMap<RegistryName, RegistryConnection>;

/** Makes the connections of a whole configuration, one for each registry. Give them back with {@link closeRegistries}. */
export function connectRegistries(
  settings: readonly RegistrySettings[],
  access: RegistryAccess = {},
): RegistryConnections {
  const shared = { manners: new RegistryManners(), ...access };
  return new Map(settings.map((registry) => [registry.name, connectRegistry(registry, shared)]));
}

/** Closes every connection; what is under way may end. */
export async function closeRegistries(connections: RegistryConnections): Promise<void> {
  await Promise.all([...connections.values()].map(closeRegistry));
}
