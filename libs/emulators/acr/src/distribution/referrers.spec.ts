import { imageManifest, indexType, type Manifest, subjectOf } from '../testing/image-manifests.js';
import { json, nextPage, type RegistryClient } from '../testing/registry-client.js';
import { clientOf, developer, Running } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

async function pushReferrer(
  client: RegistryClient,
  subject: Manifest,
  artifactType: string,
): Promise<Manifest> {
  const parts = await client.pushLayers('team/api', artifactType);
  const more = { ...subjectOf(subject), artifactType, annotations: { by: 'test' } };
  const manifest = imageManifest({ ...parts, more });
  await client.mustPut('team/api', manifest.digest, manifest);
  return manifest;
}

async function withSubject() {
  const client = clientOf(await running.registry(), developer);
  return { client, subject: await client.pushImage('team/api', '1.0', 'layer') };
}

describe('emulators/acr/distribution/referrers', () => {
  it('gives an empty index for something that nothing refers to', async () => {
    const { client, subject } = await withSubject();
    const answer = await client.send('GET', `/v2/team/api/referrers/${subject.digest}`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, indexType]);
    expect(json(answer)).toEqual({ schemaVersion: 2, mediaType: indexType, manifests: [] });
  });

  it('describes a referrer with its type and annotations', async () => {
    const { client, subject } = await withSubject();
    const sbom = await pushReferrer(client, subject, 'application/spdx+json');
    const answer = await client.send('GET', `/v2/team/api/referrers/${subject.digest}`);
    expect(json(answer).manifests).toEqual([
      {
        mediaType: sbom.mediaType,
        digest: sbom.digest,
        size: sbom.bytes.length,
        artifactType: 'application/spdx+json',
        annotations: { by: 'test' },
      },
    ]);
  });

  it('filters by artifact type and says so', async () => {
    const { client, subject } = await withSubject();
    await pushReferrer(client, subject, 'application/spdx+json');
    const signature = await pushReferrer(client, subject, 'application/vnd.cncf.notary.signature');
    const path = `/v2/team/api/referrers/${subject.digest}?artifactType=application/vnd.cncf.notary.signature`;
    const answer = await client.send('GET', path);
    expect(answer.headers['oci-filters-applied']).toBe('artifactType');
    expect(json(answer).manifests.map(({ digest }) => digest)).toEqual([signature.digest]);
  });

  it('leads from page to page', async () => {
    const { client, subject } = await withSubject();
    const pushed = [await pushReferrer(client, subject, 'a/a'), await pushReferrer(client, subject, 'b/b')];
    const first = await client.send('GET', `/v2/team/api/referrers/${subject.digest}?n=1`);
    const next = nextPage(first);
    const second = await client.send('GET', next);
    const digests = [first, second].flatMap((answer) => json(answer).manifests.map(({ digest }) => digest));
    expect(digests.sort()).toEqual(pushed.map(({ digest }) => digest).sort());
    expect(second.headers.link).toBeUndefined();
  });

  it('forgets a referrer that was deleted', async () => {
    const { client, subject } = await withSubject();
    const sbom = await pushReferrer(client, subject, 'application/spdx+json');
    await client.send('DELETE', `/v2/team/api/manifests/${sbom.digest}`);
    expect(json(await client.send('GET', `/v2/team/api/referrers/${subject.digest}`)).manifests).toEqual([]);
  });
});
