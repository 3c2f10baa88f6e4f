import { messagingTopology } from '@pratique/messaging';
import { type ArmResource, deployTemplate, type DeployedTemplate } from './arm-template.js';
import { azureRoundTrip } from './azure-round-trip.js';

const parameters = {
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
const deployments: [string, DeployedTemplate][] = [
  ['main.json', deployTemplate('infra/main.json', parameters)],
  ['main.json with Premium', deployTemplate('infra/main.json', { ...parameters, serviceBusSku: 'Premium' })],
  ['registry.json', deployTemplate('infra/registry.json', registryParameters)],
  [
    'registry.json with Event Grid',
    deployTemplate('infra/registry.json', { ...registryParameters, tellsBy: 'eventGrid' }),
  ],
];
const [[, main], [, premium], [, registry]] = deployments as [
  [string, DeployedTemplate],
  [string, DeployedTemplate],
  [string, DeployedTemplate],
];
const ofType = ({ resources }: DeployedTemplate, type: string) =>
  resources.filter((resource) => resource.type === type);

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
  it('has no property that Microsoft’s client does not know, and asks the API that it was made for', async () => {
    const answers = await azureRoundTrip(deployed.resources);

    answers.forEach((answer, index) => {
      const { type, apiVersion, location, sku, properties } = deployed.resources[index]!;
      const body = JSON.parse(JSON.stringify({ location, sku, properties })) as object;
      expect({ type, ...answer }).toMatchObject({ type, apiVersion, body });
    });
  });

  it('makes nothing twice, and everything after what it needs', () => {
    const ids = deployed.resources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { dependsOn } of deployed.resources) {
      expect(dependsOn.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('gives nobody Owner, Contributor or any other role that is not in the list', () => {
    const unknown = ofType(deployed, 'Microsoft.Authorization/roleAssignments').filter(
      (assignment) => roleOf(assignment) === undefined && !isCustom(deployed, assignment),
    );
    expect(unknown).toEqual([]);
  });

  it('shows no secret in an output', () => {
    expect(JSON.stringify(deployed.outputs)).not.toMatch(/p@ss|a-secret/);
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

  it('makes topic, subscriptions, rules and event hub as the services declare them', () => {
    const { topics, eventHubs } = messagingTopology();
    const [topic] = topics;
    const rules = ofType(main, 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules');
    const sqlOf = (name: string): unknown =>
      (rules.find((rule) => rule.name.endsWith(name))?.properties?.['sqlFilter'] as Record<string, unknown>)[
        'sqlExpression'
      ];

    expect(
      ofType(main, 'Microsoft.ServiceBus/namespaces/topics/subscriptions').map(lastName).toSorted(),
    ).toEqual(topic!.subscriptions.map(({ name }) => name).toSorted());
    for (const { name, rules: declared, maxDeliveryCount } of topic!.subscriptions) {
      for (const { name: rule, sql } of declared) expect(sqlOf(`/${name}/${rule}`)).toBe(sql);
      // Resource Manager gives every subscription this rule, which would let everything in.
      expect(sqlOf(`/${name}/$Default`)).toBe('1 = 0');
      expect(maxDeliveryCount).toBe(10);
    }
    const [hub] = ofType(main, 'Microsoft.EventHub/namespaces/eventhubs');
    expect(hub?.properties).toMatchObject({ partitionCount: eventHubs[0]!.partitions });
    expect(ofType(main, 'Microsoft.EventHub/namespaces/eventhubs/consumergroups').map(lastName)).toEqual(
      expect.arrayContaining(eventHubs[0]!.consumerGroups),
    );
  });

  it('takes no keys, only identities', () => {
    const namespaces = ['Microsoft.ServiceBus/namespaces', 'Microsoft.EventHub/namespaces'].flatMap((type) =>
      ofType(main, type),
    );
    expect(namespaces.map(({ properties }) => properties?.['disableLocalAuth'])).toEqual([true, true]);
    for (const { properties } of ofType(main, 'Microsoft.KeyVault/vaults')) {
      expect(properties).toMatchObject({ enableRbacAuthorization: true, enablePurgeProtection: true });
    }
  });

  it('sends the logs of everything that has any to the workspace', () => {
    const settings = ofType(main, 'Microsoft.Insights/diagnosticSettings').map(({ scope }) => scope);
    const watched = main.resources
      .filter(({ type }) =>
        /^Microsoft\.(?:ServiceBus\/namespaces|EventHub\/namespaces|KeyVault\/vaults|DBforPostgreSQL\/flexibleServers)$/.test(
          type,
        ),
      )
      .map(({ id }) => id);
    expect(settings.toSorted()).toEqual(watched.toSorted());
  });

  it('writes the address of the database into the vault, with a password that may have any character', () => {
    const [secret] = ofType(main, 'Microsoft.KeyVault/vaults/secrets');
    const url = new URL(String(secret?.properties?.['value']));
    expect(decodeURIComponent(url.password)).toBe(parameters.postgresPassword);
    expect(url.searchParams.get('sslmode')).toBe('verify-full');
  });

  it('gives messaging units to Premium only', () => {
    const skuOf = (deployed: DeployedTemplate) => ofType(deployed, 'Microsoft.ServiceBus/namespaces')[0]?.sku;
    expect(skuOf(main)).toEqual({ name: 'Standard', tier: 'Standard' });
    expect(skuOf(premium)).toEqual({ name: 'Premium', tier: 'Premium', capacity: 1 });
  });

  it('has an output for everything in params.env that is not the user’s to choose', () => {
    const chosen = ['image', 'hostname', 'gateway', 'gatewayNamespace'];
    const needed = ['tenantId', 'keyVault', 'auditKeyVault', 'serviceBus', 'eventHubs'];
    const clients = ['ingress', 'scan', 'sync', 'audit'].map((name) => `${name}ClientId`);
    expect(Object.keys(main.outputs)).toEqual(expect.arrayContaining([...needed, ...clients]));
    expect(chosen.filter((name) => name in main.outputs)).toEqual([]);
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

describe('the test of templates', () => {
  it('finds a property that is misspelt, and a type of the wrong kind', async () => {
    const namespace = {
      type: 'Microsoft.ServiceBus/namespaces',
      apiVersion: '2021-11-01',
      name: 'x',
      dependsOn: [],
    };
    const [misspelt, wrong] = await azureRoundTrip([
      { ...namespace, location: 'x', properties: { disableLocalAuthentication: true } },
      { ...namespace, location: 'x', sku: { name: 'Gold' } },
    ]);
    expect(misspelt).toEqual({ apiVersion: '2021-11-01', body: { location: 'x' } });
    expect(JSON.stringify(wrong)).toContain('Gold is not a valid value');
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

function lastName({ name }: ArmResource): string | undefined {
  return name.split('/').at(-1);
}
