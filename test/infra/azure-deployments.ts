import { type ArmResource, deployTemplate, type DeployedTemplate } from './arm-template.js';

// Both templates, as somebody may deploy them.
export const parameters = {
  name: 'contoso',
  oidcIssuer: 'https://oidc.example/',
  clusterEgressAddress: '192.0.2.1',
  logAnalyticsWorkspaceId:
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w',
  postgresPassword: 'p@ss/word?of-a-test',
};
const registryParameters = {
  registry: 'customer',
  endpoint: 'https://pratique.example/webhooks/customer',
  secret: 'a-secret-of-a-test-that-is-long-enough',
  scanPrincipalId: 'scan',
  syncPrincipalId: 'sync',
};

export const main = deployTemplate('infra/main.json', parameters);
export const premium = deployTemplate('infra/main.json', { ...parameters, serviceBusSku: 'Premium' });
export const registry = deployTemplate('infra/registry.json', registryParameters);

export const deployments: [string, DeployedTemplate][] = [
  ['main.json', main],
  ['main.json with Premium', premium],
  ['registry.json', registry],
  [
    'registry.json with Event Grid',
    deployTemplate('infra/registry.json', { ...registryParameters, tellsBy: 'eventGrid' }),
  ],
];

export function ofType({ resources }: DeployedTemplate, type: string): DeployedTemplate['resources'] {
  return resources.filter((resource) => resource.type === type);
}

export function lastName({ name }: ArmResource): string | undefined {
  return name.split('/').at(-1);
}
