import { RegistryHost, RegistryName } from '@pratique/contracts';
import { cloudevents } from './cloudevents.registry.js';
import { hearBody, hearDelivery, inShort } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';

const event = (fields: object = {}) => ({
  specversion: '1.0',
  id: '1',
  source: '/builds',
  type: 'com.contoso.image.pushed',
  data: { repository: 'a/b', tag: 'v1' },
  ...fields,
});

describe('registries/cloudevents.registry', () => {
  it('knows an event by source and id together', async () => {
    expect(await hearBody('cloudevents', event())).toMatchObject([{ identity: ['/builds', '1'] }]);
  });

  it('decodes the attributes of binary mode', async () => {
    const [delivery] = recordedDeliveries('cloudevents', 'binary-pushed');

    expect(await hearDelivery('cloudevents', delivery!)).toMatchObject([{ data: { senderEventId: 'c 1' } }]);
  });

  it('finds the image where the settings say', async () => {
    const settings = {
      events: { quarantined: ['held'] },
      fields: { repository: '/image/a~1b', tag: '/tags/0' },
    };
    const heard = await hearBody(
      'cloudevents',
      event({ type: 'held', data: { image: { 'a/b': 'x/y' }, tags: ['v2'] } }),
      {
        settings,
      },
    );

    expect(inShort(heard)).toEqual(['quarantined x/y:v2']);
  });

  it.each([
    ['another version', { specversion: '0.3' }],
    ['no id', { id: '' }],
    ['no source', { source: undefined }],
    ['no type', { type: 7 }],
    ['data that name no image', { data: 'text' }],
  ])('refuses an event of %s', async (_, fields) => {
    expect(await hearBody('cloudevents', event(fields))).toMatchObject({ reason: 'malformed' });
  });

  it('refuses a batch of which one event is malformed', async () => {
    expect(
      await hearBody('cloudevents', [event(), event({ id: '2', data: { repository: 'A' } })]),
    ).toMatchObject({
      reason: 'malformed',
    });
  });

  it('consents to the origins of the settings, and without any to nobody', () => {
    const base = {
      name: RegistryName.parse('a'),
      host: RegistryHost.parse('h'),
      kind: 'cloudevents' as const,
      events: {},
    };
    const headers = { 'webhook-request-origin': 'events.example' };
    const consent = (webhook: object) =>
      cloudevents.webhook.consent?.({ headers }, { ...base, webhook: webhook as never });

    expect(consent({ origins: ['events.example'] })).toHaveProperty('answer');
    expect([consent({ origins: ['example'] }), consent({})]).toEqual([undefined, undefined]);
  });
});
