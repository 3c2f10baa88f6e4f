import { type HeardEvent, RegistryHost, RegistryName } from '@pratique/contracts';
import { Secret } from '@pratique/config';
import { acr } from './acr.registry.js';
import type { RawWebhook } from './raw-webhook.js';
import { recordedDeliveries, recordedSecret, recordingsOf } from './recorded-deliveries.contract.js';
import { Refusal } from './refusal.js';

const settings = {
  name: RegistryName.parse('vendor'),
  host: RegistryHost.parse('vendor.azurecr.io'),
  webhook: { secret: new Secret(recordedSecret) },
};

function hear(delivery: RawWebhook) {
  const verified = acr.webhook.verify(delivery, settings);
  return verified instanceof Refusal ? verified : acr.webhook.normalise(verified, settings);
}

function heardFrom(recording: string): HeardEvent[] {
  return recordedDeliveries('acr', recording).flatMap((delivery) => {
    const events = hear(delivery);
    if (events instanceof Refusal) throw new Error(events.explanation);
    return events;
  });
}

function hearText(body: string) {
  const headers = { authorization: `Bearer ${recordedSecret}` };
  return hear({ headers, body: Buffer.from(body), receivedAt: new Date('2026-03-04T08:15:31.020Z') });
}

describe('registries/acr.registry', () => {
  it.each([
    ['push-tag', [['pushed', 'tripinsights/poi', '1.8.0']]],
    ['push-digest-with-empty-tag', [['pushed', 'tripinsights/poi', undefined]]],
    ['push-with-actor-and-source', [['pushed', 'hello-world', 'v1']]],
    ['quarantine', [['quarantined', 'bicep/storage', '1.0.0']]],
    ['delete-manifest', [['deleted', 'hello-world', undefined]]],
    ['delete-repository', [['deleted', 'retired/app', undefined]]],
    ['ping', []],
    ['chart-push', []],
    ['chart-delete', []],
  ])('hears what %s says', (recording, expected) => {
    const heard = heardFrom(recording).map(({ name, data }) => [name, data.repository, data.tag]);

    expect(heard).toEqual(expected);
  });

  it('has an expectation for every recording', () => {
    expect(recordingsOf('acr')).toHaveLength(9);
  });

  it('keeps digest, media type, size, actor, and the id and time of the sender', () => {
    const [heard] = heardFrom('push-with-actor-and-source');

    expect(heard).toMatchObject({
      identity: ['cb8c3971-9adc-488b-abcd-43cbb4974ff5'],
      data: {
        registry: 'vendor',
        digest: expect.stringMatching(/^sha256:/) as unknown,
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        size: 524,
        actor: 'release-bot',
        occurredAt: '2026-03-04T09:00:00.520Z',
        senderEventId: 'cb8c3971-9adc-488b-abcd-43cbb4974ff5',
      },
    });
  });

  it('hears a push of which nothing but repository and tag is told', () => {
    expect(hearText('{"action":"push","target":{"repository":"team/app","tag":"v1"}}')).toMatchObject([
      {
        name: 'pushed',
        identity: ['push', 'team/app', 'v1', '', ''],
        data: { occurredAt: '2026-03-04T08:15:31.020Z', senderEventId: undefined },
      },
    ]);
  });

  it('drops a description that it cannot use, and keeps the event', () => {
    const heard = hearText(
      '{"id":7,"timestamp":"yesterday","action":"push","actor":"me","target":{"repository":"a","tag":"v1","size":-1,"mediaType":{}}}',
    );

    expect(heard).toMatchObject([{ data: { repository: 'a', occurredAt: '2026-03-04T08:15:31.020Z' } }]);
  });

  it('has no interest in an action that it does not know', () => {
    expect(hearText('{"action":"sign","target":{"repository":"a"}}')).toEqual([]);
    expect(hearText('{"action":"toString","target":{"repository":"a"}}')).toEqual([]);
  });

  it('refuses a push that names neither a tag nor a digest', () => {
    expect(hearText('{"action":"push","target":{"repository":"a"}}')).toMatchObject({ reason: 'malformed' });
  });
});
