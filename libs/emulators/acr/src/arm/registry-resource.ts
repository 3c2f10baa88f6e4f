import type { Registry } from '../registry/registry.js';

export interface ResourceContext {
  readonly resourceId: string;
  readonly location: string;
}

/** A registry as Resource Manager describes it, reduced to properties that the emulator has something to say about. */
export function describeRegistry(registry: Registry, { resourceId, location }: ResourceContext): object {
  const status = (on: boolean): { status: string } => ({ status: on ? 'enabled' : 'disabled' });
  return {
    id: resourceId,
    name: registry.name,
    type: 'Microsoft.ContainerRegistry/registries',
    location,
    sku: { name: 'Premium', tier: 'Premium' },
    properties: {
      loginServer: registry.loginServer,
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      anonymousPullEnabled: registry.access.anonymous() !== undefined,
      dataEndpointEnabled: false,
      publicNetworkAccess: 'Enabled',
      networkRuleBypassOptions: 'AzureServices',
      roleAssignmentMode: 'LegacyRegistryPermissions',
      policies: {
        quarantinePolicy: status(registry.quarantine),
        exportPolicy: status(true),
        azureADAuthenticationAsArmPolicy: status(true),
      },
    },
  };
}
