import type { HeardEvent } from '@pratique/contracts';
import { hearBody, hearDelivery } from './hear-recordings.contract.js';
import { recordedDeliveries, recordingsOf } from './recorded-deliveries.contract.js';

async function heardFrom(recording: string): Promise<HeardEvent[]> {
  const heard = await Promise.all(
    recordedDeliveries('acr', recording).map((delivery) => hearDelivery('acr', delivery)),
  );
  return heard.flat() as HeardEvent[];
}

const hearText = (body: string) => hearBody('acr', body);

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
  ])('hears what %s says', async (recording, expected) => {
    const heard = (await heardFrom(recording)).map(({ name, data }) => [name, data.repository, data.tag]);

    expect(heard).toEqual(expected);
  });

  it('has an expectation for every recording', () => {
    expect(recordingsOf('acr')).toHaveLength(9);
  });

  it('keeps digest, media type, size, actor, and the id and time of the sender', async () => {
    const [heard] = await heardFrom('push-with-actor-and-source');

    expect(heard).toMatchObject({
      identity: ['cb8c3971-9adc-488b-abcd-43cbb4974ff5'],
      data: {
        registry: 'under-test',
        digest: expect.stringMatching(/^sha256:/) as unknown,
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        size: 524,
        actor: 'release-bot',
        occurredAt: '2026-03-04T09:00:00.520Z',
        senderEventId: 'cb8c3971-9adc-488b-abcd-43cbb4974ff5',
      },
    });
  });

  it('hears a push of which nothing but repository and tag is told', async () => {
    expect(await hearText('{"action":"push","target":{"repository":"team/app","tag":"v1"}}')).toMatchObject([
      {
        name: 'pushed',
        identity: ['push', 'team/app', 'v1', '', 'minute 29543535'],
        data: { occurredAt: '2026-03-04T08:15:31.020Z', senderEventId: undefined },
      },
    ]);
  });

  it('drops a description that it cannot use, and keeps the event', async () => {
    const heard = await hearText(
      '{"id":7,"timestamp":"yesterday","action":"push","actor":"me","target":{"repository":"a","tag":"v1","size":-1,"mediaType":{}}}',
    );

    expect(heard).toMatchObject([{ data: { repository: 'a', occurredAt: '2026-03-04T08:15:31.020Z' } }]);
  });

  it('has no interest in an action that it does not know', async () => {
    expect(await hearText('{"action":"sign","target":{"repository":"a"}}')).toEqual([]);
    expect(await hearText('{"action":"toString","target":{"repository":"a"}}')).toEqual([]);
  });

  it('refuses a push that names neither a tag nor a digest', async () => {
    expect(await hearText('{"action":"push","target":{"repository":"a"}}')).toMatchObject({
      reason: 'malformed',
    });
  });
});
