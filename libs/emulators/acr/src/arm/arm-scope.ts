import type { EmulatedEntra } from '../entra/emulated-entra.js';
import type { Registry } from '../registry/registry.js';
import type { ImportOperations } from './import-operations.js';
import { formatResourceId, parseResourceId, sameName } from './resource-id.js';

/** The subscription that an emulated Resource Manager serves. */
export interface ArmScope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly registries: readonly Registry[];
  readonly entra: EmulatedEntra;
  readonly operations: ImportOperations;
  readonly retryAfterSeconds: number;
}

export function resourceIdOf({ subscriptionId, resourceGroup }: ArmScope, registry: Registry): string {
  return formatResourceId({ subscriptionId, resourceGroup, registryName: registry.name });
}

export function registryByName(scope: ArmScope, name: string): Registry | undefined {
  return scope.registries.find((registry) => sameName(registry.name, name));
}

export function registryByResourceId(scope: ArmScope, resourceId: string): Registry | undefined {
  const resource = parseResourceId(resourceId);
  if (resource === undefined) return undefined;
  const here =
    sameName(resource.subscriptionId, scope.subscriptionId) &&
    sameName(resource.resourceGroup, scope.resourceGroup);
  return here ? registryByName(scope, resource.registryName) : undefined;
}

export function registryByHost(scope: ArmScope, host: string): Registry | undefined {
  return scope.registries.find(({ loginServer }) => sameName(loginServer, host));
}
