import type { ArmResource, DeployedTemplate } from './arm-template.js';
import { deployments, main, ofType, registry } from './azure-deployments.js';

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
const roleNames: Record<string, string> = {
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'Service Bus Data Sender',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'Service Bus Data Receiver',
  '2b629674-e913-4c01-ae53-ef4638d8f975': 'Event Hubs Data Sender',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Event Hubs Data Receiver',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': 'AcrPull',
  '8311e382-0749-4cb8-b61a-304f252e45ec': 'AcrPush',
  '577a9874-89fd-4f24-9dbd-b5034d0ad23a': 'Container Registry Data Importer and Data Reader',
  'cdda3590-29a3-44f6-95f2-9f980659eb04': 'AcrQuarantineReader',
  'c8d4ff99-41c3-41a8-9f60-21dfdad59608': 'AcrQuarantineWriter',
};

describe.each(deployments)('infra/%s', (_, deployed) => {
  it('gives nobody Owner, Contributor or any other role that is not in the list', () => {
    const unknown = ofType(deployed, 'Microsoft.Authorization/roleAssignments').filter(
      (assignment) => roleOf(assignment) === undefined && !isCustom(deployed, assignment),
    );
    expect(unknown).toEqual([]);
  });
});

describe('infra/main.json', () => {
  it('lets each service do what it does and no more', () => {
    const granted = ofType(main, 'Microsoft.Authorization/roleAssignments').map((assignment) => {
      const who = String(assignment.properties?.['principalId']).replace('principal of contoso-', '');
      const where = assignment.scope
        ?.split('/')
        .slice(-2)
        .join('/')
        .replace(/-[rabus]+-?[0-9a-f]{11,13}$|-events-.*|-[ra]-.*/, '');
      return `${who}: ${roleOf(assignment) ?? 'queue length'} on ${where}`;
    });

    expect(granted.toSorted()).toEqual([
      'audit: Event Hubs Data Receiver on eventhubs/outcomes',
      'audit: Event Hubs Data Sender on eventhubs/outcomes',
      'audit: Key Vault Secrets User on vaults/contoso',
      'audit: Service Bus Data Receiver on subscriptions/audit',
      'audit: Service Bus Data Sender on topics/registry-events',
      'ingress: Event Hubs Data Sender on eventhubs/outcomes',
      'ingress: Key Vault Secrets User on vaults/contoso',
      'ingress: Service Bus Data Sender on topics/registry-events',
      'keda: queue length on namespaces/contoso',
      'scan: Event Hubs Data Sender on eventhubs/outcomes',
      'scan: Key Vault Secrets User on vaults/contoso',
      'scan: Service Bus Data Receiver on subscriptions/scan',
      'scan: Service Bus Data Sender on topics/registry-events',
      'sync: Event Hubs Data Sender on eventhubs/outcomes',
      'sync: Key Vault Secrets User on vaults/contoso',
      'sync: Service Bus Data Receiver on subscriptions/sync',
      'sync: Service Bus Data Sender on topics/registry-events',
    ]);
  });

  it('keeps the secrets of registries and the database’s in vaults of their own', () => {
    const vaultOf = (who: string): (string | undefined)[] =>
      ofType(main, 'Microsoft.Authorization/roleAssignments')
        .filter(
          (assignment) =>
            assignment.properties?.['principalId'] === `principal of contoso-${who}` &&
            roleOf(assignment) === 'Key Vault Secrets User',
        )
        .map(({ scope }) => scope?.split('/').at(-1));

    expect(vaultOf('audit')).toEqual([main.outputs['auditKeyVault']]);
    expect(['ingress', 'scan', 'sync'].flatMap(vaultOf)).toEqual(Array(3).fill(main.outputs['keyVault']));
    expect(main.outputs['auditKeyVault']).not.toBe(main.outputs['keyVault']);
  });

  it('lets the one custom role read and do nothing else', () => {
    const [role, ...others] = ofType(main, 'Microsoft.Authorization/roleDefinitions');
    const [permissions] = role?.properties?.['permissions'] as Record<string, string[]>[];

    expect(others).toEqual([]);
    expect(
      permissions?.['actions']?.filter((action) => !/^Microsoft\.ServiceBus\/.*\/read$/.test(action)),
    ).toEqual([]);
    expect(permissions?.['dataActions']).toEqual([]);
  });
});

describe('infra/registry.json', () => {
  it('lets scan read and lift quarantine, and sync copy into it', () => {
    const granted = ofType(registry, 'Microsoft.Authorization/roleAssignments').map(
      (assignment) => `${String(assignment.properties?.['principalId'])}: ${roleOf(assignment)}`,
    );
    expect(granted).toEqual([
      'scan: AcrPull',
      'scan: AcrQuarantineWriter',
      'sync: Container Registry Data Importer and Data Reader',
      'sync: AcrPush',
      'sync: AcrQuarantineReader',
    ]);
  });
});

function roleOf({ properties }: ArmResource): string | undefined {
  return roleNames[String(properties?.['roleDefinitionId']).split('/').at(-1) ?? ''];
}

function isCustom({ resources }: DeployedTemplate, { properties }: ArmResource): boolean {
  return resources.some(
    ({ id, type }) => type.endsWith('/roleDefinitions') && id === properties?.['roleDefinitionId'],
  );
}
