import { acr } from './acr.registry.js';
import { distribution } from './distribution.registry.js';
import type { RegistryDefinition } from './registry.js';

/** Every kind of registry, in alphabetical order. Settings, routes and documentation are derived from this list. */
export const registries = [acr, distribution] as const;

export type RegistryKind = (typeof registries)[number]['kind'];

/** The definition of a kind that the configuration has already checked. */
export function registryOfKind(kind: RegistryKind): RegistryDefinition {
  const found = registries.find((registry) => registry.kind === kind);
  if (found === undefined) throw new TypeError(`there is no kind of registry called ${kind as string}`);
  return found;
}
