import { imageManifest, subjectOf } from '../testing/image-manifests.js';
import { type Answer, errorCodes, json, nextPage, type RegistryClient } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running, scanner } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

async function quarantined(options = {}) {
  const registry = await running.registry({ quarantine: true, ...options });
  const pusher = clientOf(registry, developer);
  const manifest = await pusher.pushImage('team/api', '1.0', 'layer');
  const path = `/acr/v1/team/api/_manifests/${manifest.digest}`;
  return { registry, pusher, writer: clientOf(registry, scanner), manifest, path };
}

function patch(client: RegistryClient, path: string, change: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return client.send('PATCH', path, {
    headers,
    body: typeof change === 'string' ? change : JSON.stringify(change),
  });
}

function attributes(answer: Answer): object {
  return json(answer).manifest.changeableAttributes;
}

const details = JSON.stringify({ state: 'scan passed', link: 'https://reports.example/1' });

describe('emulators/acr/quarantine/manifest-attributes', () => {
  it.each(['GET', 'HEAD'])('refuses %s of the digest to one without the right', async (method) => {
    const { pusher, manifest } = await quarantined();
    const answer = await pusher.send(method, `/v2/team/api/manifests/${manifest.digest}`);
    expect(answer.status).toBe(403);
    if (method === 'GET') {
      expect(json(answer)).toEqual({
        errors: [{ code: 'IMAGE_QUARANTINED', message: 'The image is quarantined.', detail: {} }],
      });
    }
  });

  it('does not know the tag, for one without the right', async () => {
    const { pusher } = await quarantined();
    const answer = await pusher.send('GET', '/v2/team/api/manifests/1.0');
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  });

  it('leaves the tag out of the list, for one without the right', async () => {
    const { pusher, writer } = await quarantined();
    expect(json(await pusher.send('GET', '/v2/team/api/tags/list')).tags).toEqual([]);
    expect(json(await writer.send('GET', '/v2/team/api/tags/list')).tags).toEqual(['1.0']);
  });

  it('leaves a quarantined referrer out of the list, for one without the right', async () => {
    const { pusher, writer, manifest } = await quarantined();
    const parts = await pusher.pushLayers('team/api', 'sbom');
    const sbom = imageManifest({ ...parts, more: subjectOf(manifest) });
    await pusher.mustPut('team/api', sbom.digest, sbom);
    const path = `/v2/team/api/referrers/${manifest.digest}`;
    expect(json(await pusher.send('GET', path)).manifests).toHaveLength(0);
    expect(json(await writer.send('GET', path)).manifests).toHaveLength(1);
  });

  it('gives manifest and layers to a scanner', async () => {
    const { writer, manifest } = await quarantined();
    const answer = await writer.send('GET', `/v2/team/api/manifests/${manifest.digest}`);
    expect(answer.body).toEqual(manifest.bytes);
    const layer = json(answer).layers[0].digest;
    expect((await writer.send('GET', `/v2/team/api/blobs/${layer}`)).body.toString()).toBe('layer');
  });

  it('does not tell the attributes to one without the right', async () => {
    const { pusher, path } = await quarantined();
    const answer = await pusher.send('GET', path);
    expect([answer.status, errorCodes(answer)]).toEqual([403, ['IMAGE_QUARANTINED']]);
  });

  it('does not let one without the right change the state', async () => {
    const { pusher, path } = await quarantined();
    const answer = await patch(pusher, path, { quarantineState: 'Passed' });
    expect([answer.status, errorCodes(answer)]).toEqual([403, ['DENIED']]);
  });

  it('does not let one change the state who may only pull', async () => {
    const { registry, path } = await quarantined();
    const answer = await patch(clientOf(registry, reader), path, { quarantineState: 'Passed' });
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });

  it.each([
    ['another state', { quarantineState: 'Quarantined' }],
    ['nothing', {}],
    ['details that are not JSON', { quarantineState: 'Passed', quarantineDetails: 'fine' }],
    ['details that are too long', { quarantineDetails: JSON.stringify('x'.repeat(4096)) }],
    ['an object for details', { quarantineDetails: { state: 'ok' } }],
    ['a body that is not JSON', '{"quarantineState":"Passed"}}'],
  ])('refuses %s', async (_, change) => {
    const { writer, path } = await quarantined();
    const answer = await patch(writer, path, change);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['MANIFEST_INVALID']]);
  });

  it('does not know a manifest that is not there', async () => {
    const { writer, path } = await quarantined();
    const answer = await patch(writer, path.replace(/sha256:.{8}/, 'sha256:00000000'), {
      quarantineState: 'Passed',
    });
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  });

  it('releases an image that has passed', async () => {
    const { pusher, writer, manifest, path } = await quarantined();
    const change = { quarantineState: 'Passed', quarantineDetails: details };
    expect(attributes(await patch(writer, path, change))).toMatchObject(change);
    for (const reference of ['1.0', manifest.digest]) {
      expect((await pusher.send('GET', `/v2/team/api/manifests/${reference}`)).status).toBe(200);
    }
    expect(attributes(await pusher.send('GET', path))).toMatchObject(change);
  });

  it('keeps an image that has failed, with the reason', async () => {
    const { pusher, writer, path } = await quarantined();
    const reason = JSON.stringify({ state: 'scan failed' });
    await patch(writer, path, { quarantineState: 'Failed', quarantineDetails: reason });
    expect((await pusher.send('GET', '/v2/team/api/manifests/1.0')).status).toBe(404);
    expect(attributes(await writer.send('GET', path))).toMatchObject({
      quarantineState: 'Failed',
      quarantineDetails: reason,
    });
  });

  it('blocks an image again whose verdict is taken back', async () => {
    const { pusher, writer, path } = await quarantined();
    await patch(writer, path, { quarantineState: 'Passed' });
    await patch(writer, path, { quarantineState: 'Failed' });
    expect((await pusher.send('GET', '/v2/team/api/manifests/1.0')).status).toBe(404);
  });

  it('keeps the verdict of bytes that are pushed again', async () => {
    const { pusher, writer, manifest, path } = await quarantined();
    await patch(writer, path, { quarantineState: 'Passed' });
    await pusher.mustPut('team/api', '2.0', manifest);
    expect((await pusher.send('GET', '/v2/team/api/manifests/2.0')).status).toBe(200);
  });

  it.each([['pull,push'], ['metadata_write']])('takes a token with the scope %s', async (actions) => {
    const { registry, manifest } = await quarantined({
      identities: [developer, { ...scanner, actions: [...scanner.actions, 'metadata_write'] }],
    });
    const path = `/acr/v1/team/api/_manifests/${manifest.digest}`;
    const answer = await clientOf(registry, scanner).sendWithScopes(
      [`repository:team/api:${actions}`],
      'PATCH',
      path,
    );
    // Let in, and then refused for its empty body.
    expect(answer.status).toBe(400);
  });

  it('lists manifests page by page, pending ones for the scanner only', async () => {
    const { pusher, writer, path } = await quarantined();
    await pusher.pushImage('team/api', '2.0', 'other layer');
    await patch(writer, path, { quarantineState: 'Passed' });
    const first = await writer.send('GET', '/acr/v1/team/api/_manifests?n=1');
    const second = await writer.send('GET', nextPage(first));
    expect(second.headers.link).toBeUndefined();
    const states = [first, second].flatMap((page) =>
      json(page).manifests.map(({ changeableAttributes }) => changeableAttributes.quarantineState),
    );
    expect(states.sort()).toEqual(['Passed', 'Quarantined']);
    expect(json(await pusher.send('GET', '/acr/v1/team/api/_manifests')).manifests).toHaveLength(1);
  });

  it('lists manifests by time', async () => {
    let now = Date.now();
    const registry = await running.registry({ now: () => now });
    const client = clientOf(registry, developer);
    const older = await client.pushImage('team/api', '1.0', 'one');
    now += 1000;
    const newer = await client.pushImage('team/api', '2.0', 'two');
    const list = await client.send('GET', '/acr/v1/team/api/_manifests?orderby=timedesc');
    expect(json(list).manifests).toMatchObject([
      { digest: newer.digest, tags: ['2.0'] },
      { digest: older.digest, tags: ['1.0'] },
    ]);
  });

  it('holds nothing back without the policy', async () => {
    const { pusher } = await quarantined({ quarantine: false });
    expect((await pusher.send('GET', '/v2/team/api/manifests/1.0')).status).toBe(200);
  });
});
