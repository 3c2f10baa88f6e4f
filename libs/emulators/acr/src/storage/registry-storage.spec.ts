import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { json, send } from '../testing/registry-client.js';
import { clientOf, developer, Running, scanner } from '../testing/registry-fixture.js';

const running = new Running();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acr-emulator-'));
});
afterEach(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A registry on the folder. The former one is not closed first: a killed process does not tidy up either. */
function opened(options = {}) {
  return running.registry({ storage: { folder }, ...options });
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('emulators/acr/storage/registry-storage', () => {
  it('has after a crash what was pushed before it', async () => {
    const before = clientOf(await opened(), developer);
    const manifest = await before.pushImage('team/api', '1.0', 'layer');
    await before.mustPut('team/api', 'V1', manifest);
    await before.mustPut('team/api', 'v1', manifest);
    const after = clientOf(await opened(), developer);
    expect((await after.send('GET', '/v2/team/api/manifests/1.0')).body).toEqual(manifest.bytes);
    expect(json(await after.send('GET', '/v2/team/api/tags/list')).tags).toEqual(['1.0', 'V1', 'v1']);
    const layer = json(await after.send('GET', '/v2/team/api/manifests/1.0')).layers[0].digest;
    expect((await after.send('GET', `/v2/team/api/blobs/${layer}`)).body.toString()).toBe('layer');
  });

  it('does not have after a crash what was deleted before it', async () => {
    const before = clientOf(await opened(), developer);
    const gone = await before.pushImage('team/api', '1.0', 'one');
    const kept = await before.pushImage('team/api', '2.0', 'two');
    await before.send('DELETE', `/v2/team/api/manifests/${gone.digest}`);
    const after = clientOf(await opened(), developer);
    expect(json(await after.send('GET', '/v2/team/api/tags/list')).tags).toEqual(['2.0']);
    expect((await after.send('HEAD', `/v2/team/api/manifests/${gone.digest}`)).status).toBe(404);
    expect((await after.send('HEAD', `/v2/team/api/manifests/${kept.digest}`)).status).toBe(200);
  });

  it('keeps verdicts', async () => {
    const before = await opened({ quarantine: true });
    const { digest } = await clientOf(before, developer).pushImage('team/api', '1.0', 'layer');
    const verdict = { body: '{"quarantineState":"Passed"}' };
    await clientOf(before, scanner).send('PATCH', `/acr/v1/team/api/_manifests/${digest}`, verdict);
    const after = clientOf(await opened({ quarantine: true }), developer);
    expect((await after.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(200);
  });

  it('blocks what was pushed before quarantine was switched on', async () => {
    await clientOf(await opened(), developer).pushImage('team/api', '1.0', 'layer');
    const after = clientOf(await opened({ quarantine: true }), developer);
    expect((await after.send('HEAD', '/v2/team/api/manifests/1.0')).status).toBe(404);
  });

  it('takes tokens from before', async () => {
    const before = await opened();
    const authorization = `Basic ${Buffer.from('developer:correct:horse').toString('base64')}`;
    const token = json(await send(before, 'GET /oauth2/token?service=x', { headers: { authorization } }));
    const bearer = { headers: { authorization: `Bearer ${token.access_token}` } };
    expect((await send(await opened(), 'GET /v2/', bearer)).status).toBe(200);
  });

  it('throws away uploads that nobody can finish, and content that nothing refers to', async () => {
    const before = clientOf(await opened(), developer);
    const manifest = await before.pushImage('team/api', '1.0', 'layer');
    await before.send('DELETE', `/v2/team/api/manifests/${manifest.digest}`);
    const { location } = (await before.send('POST', '/v2/team/api/blobs/uploads/')).headers;
    await before.send('PATCH', String(location), { body: 'half' });
    await writeFile(join(folder, 'uploads', 'torn-record'), '{"na');
    await opened();
    expect(await filesIn(join(folder, 'uploads'))).toEqual([]);
    expect(await filesIn(join(folder, 'content'))).not.toContain(manifest.digest.slice('sha256:'.length));
  });
});
