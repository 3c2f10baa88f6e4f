import { acrEventGrid } from './acr-event-grid.registry.js';
import { hearBody, hearDelivery } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';
import { RegistryHost, RegistryName } from '@pratique/contracts';

const settings = {
  kind: 'acr-event-grid' as const,
  name: RegistryName.parse('a'),
  host: RegistryHost.parse('contoso.azurecr.io'),
};
const topic =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/contoso';

describe('registries/acr-event-grid.registry', () => {
  const [validation] = recordedDeliveries('acr-event-grid', 'subscription-validation');
  const [batch] = recordedDeliveries('acr-event-grid', 'batch');

  it('sends the code of a subscription back, and does not visit the address in it', async () => {
    expect(await hearDelivery('acr-event-grid', validation!)).toEqual({
      answer: { body: { validationResponse: '512D38B6-C7B8-40C8-89FE-F46F9E9622B6' } },
    });
  });

  it('confirms no subscription to somebody without the secret', async () => {
    expect(await hearDelivery('acr-event-grid', { ...validation!, headers: {} })).toMatchObject({
      reason: 'not-authenticated',
    });
  });

  it('takes subscriptions and events only of the registry of its settings, whatever the case', async () => {
    const own = { settings: { resourceId: topic.toUpperCase() } };
    const other = { settings: { resourceId: `${topic}2` } };

    expect(await hearDelivery('acr-event-grid', validation!, own)).toHaveProperty('answer');
    expect(await hearDelivery('acr-event-grid', batch!, own)).toHaveLength(2);
    for (const delivery of [validation!, batch!])
      expect(await hearDelivery('acr-event-grid', delivery, other)).toMatchObject({
        reason: 'not-authenticated',
      });
  });

  it('takes a batch as a whole or not at all', async () => {
    const [good] = JSON.parse(batch!.body.toString()) as [object];
    const bad = { ...good, data: { action: 'push', target: { repository: '../x', tag: 'v1' } } };

    expect(await hearBody('acr-event-grid', [good, bad])).toMatchObject({ reason: 'malformed' });
  });

  it('consents to Event Grid, and to nobody else', () => {
    const consent = (origin?: string) =>
      acrEventGrid.webhook.consent?.({ headers: { 'webhook-request-origin': origin } }, settings);

    expect(consent('eventgrid.azure.net')).toEqual({
      answer: { headers: { 'webhook-allowed-origin': 'eventgrid.azure.net', 'webhook-allowed-rate': '*' } },
    });
    expect([consent('elsewhere.example'), consent(undefined)]).toEqual([undefined, undefined]);
  });
});
