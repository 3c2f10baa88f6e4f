import { deployments } from './azure-deployments.js';
import { azureRoundTrip } from './azure-round-trip.js';

describe.each(deployments)('infra/%s', (_, deployed) => {
  it('has no property that Microsoft’s client does not know, and asks the API that it was made for', async () => {
    const answers = await azureRoundTrip(deployed.resources);

    answers.forEach((answer, index) => {
      const { type, apiVersion, location, sku, properties } = deployed.resources[index]!;
      const body = JSON.parse(JSON.stringify({ location, sku, properties })) as object;
      expect({ type, ...answer }).toMatchObject({ type, apiVersion, body });
    });
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
