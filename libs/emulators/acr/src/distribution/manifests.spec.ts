import { sha256Of } from '../registry/image-names.js';
import {
  imageManifest,
  imageType,
  indexManifest,
  indexType,
  type Manifest,
  subjectOf,
} from '../testing/image-manifests.js';
import { errorCodes } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

async function started() {
  const registry = await running.registry();
  return { registry, client: clientOf(registry, developer) };
}

function asManifest(text: string, mediaType = imageType): Manifest {
  const bytes = Buffer.from(text);
  return { mediaType, bytes, digest: sha256Of(bytes) };
}

describe('emulators/acr/distribution/manifests', () => {
  it('refuses a manifest beyond 4 MiB', async () => {
    const { client } = await started();
    const answer = await client.putManifest('team/api', '1.0', asManifest(' '.repeat(4 * 1024 * 1024 + 1)));
    expect([answer.status, errorCodes(answer)]).toEqual([413, ['SIZE_INVALID']]);
  });

  it.each([
    ['something that is not JSON', asManifest('{')],
    ['an image without config', asManifest('{"schemaVersion":2,"layers":[]}')],
    ['another media type inside', asManifest(`{"mediaType":"${indexType}","config":{},"layers":[]}`)],
    ['docker schema 1', asManifest('{}', 'application/vnd.docker.distribution.manifest.v1+prettyjws')],
    ['an index without manifests', asManifest('{"schemaVersion":2}', indexType)],
  ])('refuses %s', async (_, manifest) => {
    const { client } = await started();
    const answer = await client.putManifest('team/api', '1.0', manifest);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MANIFEST_INVALID']]);
  });

  it.each(['-dash', 'a'.repeat(129), 'white space', 'sha256:12'])(
    'refuses the reference %p',
    async (reference) => {
      const { client } = await started();
      const answer = await client.putManifest('team/api', encodeURIComponent(reference), asManifest('{}'));
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['TAG_INVALID']]);
    },
  );

  it('refuses a digest in the path that is not that of the bytes', async () => {
    const { client } = await started();
    const manifest = imageManifest(await client.pushLayers('team/api', 'layer'));
    const answer = await client.putManifest('team/api', `sha256:${'0'.repeat(64)}`, manifest);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['DIGEST_INVALID']]);
  });

  it('refuses a manifest whose layer is only in another repository', async () => {
    const { client } = await started();
    const manifest = imageManifest(await client.pushLayers('team/other', 'layer'));
    const answer = await client.putManifest('team/api', '1.0', manifest);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
  });

  it('refuses an index whose child is not there', async () => {
    const { client } = await started();
    const child = imageManifest(await client.pushLayers('team/api', 'layer'));
    const answer = await client.putManifest('team/api', '1.0', indexManifest([child]));
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
  });

  it('does not take a push from one who may only pull', async () => {
    const { registry } = await started();
    const answer = await clientOf(registry, reader).putManifest('team/api', '1.0', asManifest('{}'));
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });

  it('takes an image whose foreign layer lives elsewhere', async () => {
    const { client } = await started();
    const parts = await client.pushLayers('team/api', 'layer');
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: `sha256:${'1'.repeat(64)}`,
      size: 1,
      urls: ['https://example.com/layer'],
    };
    const manifest = imageManifest({ ...parts, more: { layers: [foreign] } });
    expect((await client.putManifest('team/api', '1.0', manifest)).status).toBe(201);
  });

  it.each(['1.0', 'digest'])('gives back by %s the very bytes that were pushed', async (by) => {
    const { client } = await started();
    const parts = await client.pushLayers('team/api', 'layer');
    const compact = imageManifest(parts);
    const bytes = Buffer.from(`${JSON.stringify(JSON.parse(compact.bytes.toString()), null, 3)}\n`);
    const manifest = { mediaType: imageType, bytes, digest: sha256Of(bytes) };
    const put = await client.putManifest('team/api', '1.0', manifest);
    expect([put.status, put.headers['docker-content-digest']]).toEqual([201, manifest.digest]);
    const reference = by === 'digest' ? manifest.digest : by;
    const answer = await client.send('GET', `/v2/team/api/manifests/${reference}`, {
      headers: { accept: imageType },
    });
    expect(answer.body).toEqual(bytes);
    expect(answer.headers).toMatchObject({
      'content-type': imageType,
      'docker-content-digest': manifest.digest,
    });
  });

  it('tells the digest without the bytes', async () => {
    const { client } = await started();
    const { digest, bytes } = await client.pushImage('team/api', '1.0', 'layer');
    const answer = await client.send('HEAD', '/v2/team/api/manifests/1.0');
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    expect(answer.headers).toMatchObject({
      'docker-content-digest': digest,
      'content-length': String(bytes.length),
    });
  });

  it('does not give a media type that the client does not accept', async () => {
    const { client } = await started();
    await client.pushImage('team/api', '1.0', 'layer');
    const answer = await client.send('GET', '/v2/team/api/manifests/1.0', {
      headers: { accept: `${indexType};q=1` },
    });
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  });

  it('names the subject of a manifest that has one, even one that is not there yet', async () => {
    const { client } = await started();
    const parts = await client.pushLayers('team/api', 'signature');
    const subject = asManifest('{}');
    const answer = await client.putManifest(
      'team/api',
      '1.0',
      imageManifest({ ...parts, more: subjectOf(subject) }),
    );
    expect([answer.status, answer.headers['oci-subject']]).toEqual([201, subject.digest]);
  });

  it('moves a tag to what was pushed last and keeps the former by digest', async () => {
    const { client } = await started();
    const former = await client.pushImage('team/api', '1.0', 'one');
    const latter = await client.pushImage('team/api', '1.0', 'two');
    const byTag = await client.send('HEAD', '/v2/team/api/manifests/1.0');
    expect(byTag.headers['docker-content-digest']).toBe(latter.digest);
    expect((await client.send('HEAD', `/v2/team/api/manifests/${former.digest}`)).status).toBe(200);
  });

  it('removes only the tag when deleting by tag', async () => {
    const { client } = await started();
    const { digest } = await client.pushImage('team/api', '1.0', 'layer');
    expect((await client.send('DELETE', '/v2/team/api/manifests/1.0')).status).toBe(202);
    expect((await client.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(404);
    expect((await client.send('HEAD', `/v2/team/api/manifests/${digest}`)).status).toBe(200);
  });

  it('removes all tags when deleting by digest', async () => {
    const { client } = await started();
    const manifest = await client.pushImage('team/api', '1.0', 'layer');
    await client.mustPut('team/api', '1', manifest);
    expect((await client.send('DELETE', `/v2/team/api/manifests/${manifest.digest}`)).status).toBe(202);
    for (const reference of ['1.0', '1', manifest.digest]) {
      expect((await client.send('HEAD', `/v2/team/api/manifests/${reference}`)).status).toBe(404);
    }
  });
});
