import { connect } from 'node:net';
import { once } from 'node:events';

import { sha256Of } from '../registry/image-names.js';
import { type Answer, basic, errorCodes, type RegistryClient } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

const bytes = Buffer.from('hello world');
const digest = sha256Of(bytes);

async function developerClient(options = {}): Promise<RegistryClient> {
  return clientOf(await running.registry(options), developer);
}

async function startedUpload(client: RegistryClient): Promise<string> {
  const answer = await client.send('POST', '/v2/team/api/blobs/uploads/');
  expect(answer.status).toBe(202);
  return String(answer.headers.location);
}

/** Sends a chunk; `range` is where it claims to belong. */
function patch(
  client: RegistryClient,
  location: string,
  chunk: { range: string; body: string },
): Promise<Answer> {
  return client.send('PATCH', location, { headers: { 'content-range': chunk.range }, body: chunk.body });
}

describe('emulators/acr/distribution/upload-endpoints', () => {
  it('does not start an upload for one who may only pull', async () => {
    const registry = await running.registry();
    const answer = await clientOf(registry, reader).send('POST', '/v2/team/api/blobs/uploads/');
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });

  it('refuses a repository name in capitals', async () => {
    const client = await developerClient();
    const answer = await client.send('POST', '/v2/Team/blobs/uploads/');
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['NAME_INVALID']]);
  });

  it('refuses bytes that do not have the digest, and keeps none of them', async () => {
    const client = await developerClient();
    const wrong = `sha256:${'0'.repeat(64)}`;
    const answer = await client.send('POST', `/v2/team/api/blobs/uploads/?digest=${wrong}`, { body: bytes });
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    expect((await client.send('HEAD', `/v2/team/api/blobs/${wrong}`)).status).toBe(404);
    expect((await client.send('HEAD', `/v2/team/api/blobs/${digest}`)).status).toBe(404);
  });

  it('refuses a blob beyond its limit', async () => {
    const client = await developerClient({ maxBlobBytes: 10 });
    const answer = await client.send('POST', `/v2/team/api/blobs/uploads/?digest=${digest}`, { body: bytes });
    expect([answer.status, errorCodes(answer)]).toEqual([413, ['SIZE_INVALID']]);
  });

  it('wants the query of the Location back', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    const answer = await client.send('PATCH', location.split('?')[0]!, { body: bytes });
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['BLOB_UPLOAD_INVALID']]);
  });

  it('does not know a session of another repository', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    const answer = await client.send('GET', location.replace('team/api', 'team/other'));
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
  });

  it('takes a blob in one POST', async () => {
    const client = await developerClient();
    const answer = await client.send('POST', `/v2/team/api/blobs/uploads/?digest=${digest}`, { body: bytes });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      location: `/v2/team/api/blobs/${digest}`,
      'docker-content-digest': digest,
    });
  });

  it('takes a blob in POST and PUT', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    expect((await client.send('PUT', `${location}&digest=${digest}`, { body: bytes })).status).toBe(201);
    expect((await client.send('GET', `/v2/team/api/blobs/${digest}`)).body).toEqual(bytes);
  });

  it('takes chunks in order and tells how far it is', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    const first = await patch(client, location, { range: '0-4', body: 'hello' });
    expect([first.status, first.headers.range]).toEqual([202, '0-4']);
    const status = await client.send('GET', location);
    expect([status.status, status.headers.range]).toEqual([204, '0-4']);
    expect(
      (await patch(client, String(first.headers.location), { range: '5-10', body: ' world' })).headers.range,
    ).toBe('0-10');
    expect((await client.send('PUT', `${location}&digest=${digest}`)).status).toBe(201);
    expect((await client.send('GET', `/v2/team/api/blobs/${digest}`)).body).toEqual(bytes);
  });

  it.each(['3-5', '6-8', '5-6'])('refuses the chunk %s after five bytes', async (range) => {
    const client = await developerClient();
    const location = await startedUpload(client);
    await patch(client, location, { range: '0-4', body: 'hello' });
    const answer = await patch(client, location, { range: range, body: 'xyz' });
    expect([answer.status, answer.headers.range]).toEqual([416, '0-4']);
  });

  it('forgets a session that was cancelled', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    expect((await client.send('DELETE', location)).status).toBe(204);
    expect((await client.send('GET', location)).status).toBe(404);
  });

  it('forgets a session after an hour', async () => {
    let now = Date.now();
    const client = await developerClient({ now: () => now });
    const location = await startedUpload(client);
    now += 61 * 60 * 1000;
    await startedUpload(client);
    expect((await client.send('GET', location)).status).toBe(404);
  });

  it('counts what arrived before the connection broke, so that the client can go on', async () => {
    const client = await developerClient();
    const location = await startedUpload(client);
    const socket = connect(client.registry.port, '127.0.0.1');
    await once(socket, 'connect');
    const head = `PATCH ${location} HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\nauthorization: ${basic(client.login)}`;
    socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`);
    await once(socket, 'data');
    socket.write('hello');
    const range = async () => (await client.send('GET', location)).headers.range;
    while ((await range()) !== '0-4');
    socket.end();
    await once(socket, 'close');
    expect(await range()).toBe('0-4');
    await patch(client, location, { range: '5-10', body: ' world' });
    expect((await client.send('PUT', `${location}&digest=${digest}`)).status).toBe(201);
  });

  it('mounts a blob from a repository that the token may pull from', async () => {
    const client = await developerClient();
    await client.pushBlob('team/api', bytes);
    const path = `/v2/other/blobs/uploads/?mount=${digest}&from=team/api`;
    const answer = await client.sendWithScopes(
      ['repository:other:pull,push', 'repository:team/api:pull'],
      'POST',
      path,
    );
    expect([answer.status, answer.headers.location]).toEqual([201, `/v2/other/blobs/${digest}`]);
    expect((await client.send('HEAD', `/v2/other/blobs/${digest}`)).status).toBe(200);
  });

  it('starts an ordinary upload instead of a mount that the token does not cover', async () => {
    const client = await developerClient();
    await client.pushBlob('team/api', bytes);
    const path = `/v2/other/blobs/uploads/?mount=${digest}&from=team/api`;
    const answer = await client.sendWithScopes(['repository:other:pull,push'], 'POST', path);
    expect(answer.status).toBe(202);
    expect((await client.send('GET', String(answer.headers.location))).status).toBe(204);
  });
});
