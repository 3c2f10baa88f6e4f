import type { HeardEvent } from '@pratique/contracts';
import { hearBody, hearDelivery, heardInShort } from './hear-recordings.contract.js';
import { recordedDeliveries, recordingsOf } from './recorded-deliveries.contract.js';

const hearText = (body: string) => hearBody('distribution', body);

const subject = '247f962a7b18f8880c5050c62a7ad59c2ef9d8e8695affff1163935ad03c0238';
const burst = [2, 3, 1, 4, 8, 6, 9, 5, 7, 12, 10, 11, 14, 13, 20, 15, 19, 16, 18, 17];

const recordings: Record<string, string[]> = {
  '01-push-blob-curl': [],
  '02-push-image-skopeo-fresh': ['pushed team/app:v1@8fec6f27'],
  '03-push-same-image-same-tag-again': ['pushed team/app:v1@8fec6f27'],
  '04-tag-overwrite-new-digest': ['pushed team/app:v1@5c63bd65'],
  '05-second-tag-same-digest': ['pushed team/app:v2@5c63bd65'],
  '06-mount-blob-cross-repo': [],
  '07-pull-manifest-GET-by-tag': [],
  '08-HEAD-manifest-by-tag': [],
  '09-HEAD-blob': [],
  '10-pull-blob-GET': [],
  '11-pull-image-skopeo': [],
  '12-push-multiarch-index-4-platforms': [
    'pushed multi/app@fbac217a',
    'pushed multi/app@5b47d143',
    'pushed multi/app@43e47013',
    'pushed multi/app@4dc2a7b2',
    'pushed multi/app:v1@11a9ce7d',
  ],
  '13-push-multiarch-index-skopeo-all': [
    'pushed multi/app2@fbac217a',
    'pushed multi/app2@5b47d143',
    'pushed multi/app2@43e47013',
    'pushed multi/app2@4dc2a7b2',
    'pushed multi/app2:v1@11a9ce7d',
  ],
  '14-push-artifact-signature-and-referrer-fallback': [
    'pushed art/app:v1@247f962a',
    `pushed art/app:sha256-${subject}.sig@4f766255`,
    'pushed art/app@d2fdae2a',
    `pushed art/app:sha256-${subject}@39827eb0`,
  ],
  '15-push-bicep-module': ['pushed bicep/avm/storage:1.0.0@6a749831'],
  '16-delete-by-tag': [],
  '17-delete-manifest-by-digest': ['deleted team/app@5c63bd65', 'deleted team/app:v1', 'deleted team/app:v2'],
  '18-delete-blob': ['deleted team/app@6fab913f'],
  '19-burst-20-tags': burst.map((tag) => `pushed burst/app:t${tag}@132a0b4f`),
  '19a-burst-prep': ['pushed burst/app:t@132a0b4f'],
};

describe('registries/distribution.registry', () => {
  it.each(Object.entries(recordings))(
    'hears of images and nothing else in %s',
    async (recording, expected) => {
      expect(await heardInShort('distribution', recording)).toEqual(expected);
    },
  );

  it('has an expectation for every recording', () => {
    expect(Object.keys(recordings).toSorted()).toEqual(recordingsOf('distribution').toSorted());
  });

  it('keeps the id and time of the sender, cut to the millisecond', async () => {
    const [delivery] = recordedDeliveries('distribution', '17-delete-manifest-by-digest');
    const [first] = delivery === undefined ? [] : [await hearDelivery('distribution', delivery)].flat();

    expect(first).toMatchObject({
      identity: ['eff0ed90-2ae2-47ef-a272-6f6ee1068be1'],
      data: {
        registry: 'under-test',
        occurredAt: '2026-11-22T04:09:10.781Z',
        senderEventId: 'eff0ed90-2ae2-47ef-a272-6f6ee1068be1',
      },
    });
  });

  it('passes on which run of the registry sent it: a new one has forgotten what it had not delivered', async () => {
    const push = (source: unknown) => ({
      events: [{ action: 'push', target: { repository: 'a', tag: 'v1' }, source }],
    });
    const runOf = async (source: unknown) =>
      ((await hearBody('distribution', push(source))) as HeardEvent[])[0]?.data.senderInstance;

    expect(await runOf({ addr: 'reg-0:5000', instanceID: 'c1f2' })).toBe('c1f2');
    expect([await runOf({ instanceID: 7 }), await runOf('x'), await runOf(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('hears every event of a delivery that holds several', async () => {
    const events = ['02-push-image-skopeo-fresh', '17-delete-manifest-by-digest']
      .flatMap((recording) => recordedDeliveries('distribution', recording))
      .flatMap(({ body }) => (JSON.parse(body.toString()) as { events: unknown[] }).events);

    expect(await hearText(JSON.stringify({ events }))).toHaveLength(4);
  });

  it('has nothing to say about a delivery without events', async () => {
    expect(await hearText('{"events":[]}')).toEqual([]);
  });

  it.each([
    ['application/vnd.oci.image.manifest.v1+json', 1],
    ['application/vnd.oci.image.index.v1+json', 1],
    ['application/vnd.docker.distribution.manifest.v2+json', 1],
    ['application/vnd.docker.distribution.manifest.list.v2+json', 1],
    ['application/vnd.docker.distribution.manifest.v1+prettyjws', 1],
    ['application/octet-stream', 0],
    ['application/vnd.oci.image.layer.v1.tar+gzip', 0],
  ])('tells by its media type whether %s is an image where no address says so', async (mediaType, count) => {
    const target = { mediaType, repository: 'a', digest: `sha256:${'0'.repeat(64)}` };

    expect(await hearText(JSON.stringify({ events: [{ action: 'push', target }] }))).toHaveLength(count);
  });

  it('is not misled by a repository that is called like a part of an address', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const push = (repository: string, kind: string) => ({
      action: 'push',
      target: { repository, digest, url: `http://r.example/v2/${repository}/${kind}/${digest}` },
    });

    expect(await hearText(JSON.stringify({ events: [push('a/manifests', 'blobs')] }))).toEqual([]);
    expect(await hearText(JSON.stringify({ events: [push('a/blobs', 'manifests')] }))).toHaveLength(1);
  });

  it('hears that a whole repository was deleted', async () => {
    const deletion = '{"events":[{"action":"delete","target":{"repository":"retired/app"}}]}';

    expect(await hearText(deletion)).toMatchObject([
      { name: 'deleted', data: { repository: 'retired/app' } },
    ]);
  });

  it('refuses a push that names neither a tag nor a digest', async () => {
    const push = '{"events":[{"action":"push","target":{"repository":"a","url":"/v2/a/manifests/x"}}]}';

    expect(await hearText(push)).toMatchObject({ reason: 'malformed' });
  });
});
