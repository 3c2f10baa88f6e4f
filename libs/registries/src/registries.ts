import { acrEventGrid } from './acr-event-grid.registry.js';
import { acr } from './acr.registry.js';
import { artifactRegistry } from './artifact-registry.registry.js';
import { artifactory } from './artifactory.registry.js';
import { cdevents } from './cdevents.registry.js';
import { cloudevents } from './cloudevents.registry.js';
import { distribution } from './distribution.registry.js';
import { dockerHub } from './docker-hub.registry.js';
import { ecr } from './ecr.registry.js';
import { generic } from './generic.registry.js';
import { ghcr } from './ghcr.registry.js';
import { gitea } from './gitea.registry.js';
import { gitlab } from './gitlab.registry.js';
import { harbor } from './harbor.registry.js';
import { nexus } from './nexus.registry.js';
import { quay } from './quay.registry.js';
import type { RegistryDefinition } from './registry.js';
import { zot } from './zot.registry.js';

/** Every kind of registry, in alphabetical order. Settings, routes and documentation are derived from this list. */
export const registries = [
  acr,
  acrEventGrid,
  artifactRegistry,
  artifactory,
  cdevents,
  cloudevents,
  distribution,
  dockerHub,
  ecr,
  generic,
  ghcr,
  gitea,
  gitlab,
  harbor,
  nexus,
  quay,
  zot,
] as const;

export type RegistryKind = (typeof registries)[number]['kind'];

/** The definition of a kind that the configuration has already checked. */
export function registryOfKind(kind: RegistryKind): RegistryDefinition {
  const found = registries.find((registry) => registry.kind === kind);
  if (found === undefined) throw new TypeError(`there is no kind of registry called ${kind as string}`);
  return found;
}
