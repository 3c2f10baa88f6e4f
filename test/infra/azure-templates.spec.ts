import { messagingTopology } from '@pratique/messaging';
import type { DeployedTemplate } from './arm-template.js';
import { deployments, lastName, main, ofType, parameters, premium } from './azure-deployments.js';

describe.each(deployments)('infra/%s', (_, deployed) => {
  it('makes nothing twice, and everything after what it needs', () => {
    const ids = deployed.resources.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { dependsOn } of deployed.resources) {
      expect(dependsOn.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });

  it('shows no secret in an output', () => {
    expect(JSON.stringify(deployed.outputs)).not.toMatch(/p@ss|a-secret/);
  });
});

describe('infra/main.json', () => {
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
