import { digestOf, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { type ScriptedExchange, type ScriptedRegistry, startScriptedRegistry } from '@pratique/testing';
import { basicTokens } from './basic-tokens.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');
const blob = { digest: digestOf('hello'), size: 5 };
const blobPath = `/v2/team/app/blobs/${blob.digest}`;
const manifestPath = '/v2/team/app/manifests/1.0.0';

describe('oci/registry-transport', () => {
  const registries: ScriptedRegistry[] = [];
  const clients: RegistryClient[] = [];

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await Promise.all(registries.splice(0).map((registry) => registry.close()));
  });

  async function scripted(...script: ScriptedExchange[]): Promise<ScriptedRegistry> {
    const registry = await startScriptedRegistry(...script);
    registries.push(registry);
    return registry;
  }

  function clientOf(
    host: RegistryHost,
    more: Partial<ConstructorParameters<typeof RegistryClient>[0]> = {},
  ): RegistryClient {
    const tokens = basicTokens({ username: 'user', password: () => 'secret' });
    const client = new RegistryClient({ host, plainHttp: true, tokens, retryDelayMs: 0, ...more });
    clients.push(client);
    return client;
  }

  const challenge: ScriptedExchange = {
    method: 'GET',
    path: blobPath,
    reply: { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } },
  };

  it('does not take the authorization along to another host', async () => {
    const storage = await scripted({
      method: 'GET',
      path: '/stored?sig=1',
      reply: { status: 200, body: 'hello' },
    });
    const location = `http://${storage.host}/stored?sig=1`;
    const registry = await scripted(challenge, {
      method: 'GET',
      path: blobPath,
      reply: { status: 307, headers: { location } },
    });

    const stream = await clientOf(registry.host).blob(repository, blob);

    expect(String(Buffer.concat(await stream.toArray()))).toBe('hello');
    expect(registry.heard[1]?.headers.authorization).toBe(
      `Basic ${Buffer.from('user:secret').toString('base64')}`,
    );
    expect(storage.heard[0]?.headers).not.toHaveProperty('authorization');
  });

  it('takes the authorization along to another path of the same host', async () => {
    const registry = await scripted(
      challenge,
      { method: 'GET', path: blobPath, reply: { status: 307, headers: { location: '/elsewhere' } } },
      { method: 'GET', path: '/elsewhere', reply: { status: 200, body: 'hello' } },
    );
    await (await clientOf(registry.host).blob(repository, blob)).toArray();
    expect(registry.heard[2]?.headers.authorization).toMatch(/^Basic /);
  });

  it('does not answer the question of a host to which it was redirected', async () => {
    const storage = await scripted({
      method: 'GET',
      path: '/stored',
      reply: { status: 401, headers: { 'www-authenticate': 'Basic realm="give me"' } },
    });
    const location = `http://${storage.host}/stored`;
    const registry = await scripted({
      method: 'GET',
      path: blobPath,
      reply: { status: 307, headers: { location } },
    });
    await expect(clientOf(registry.host).blob(repository, blob)).rejects.toMatchObject({
      code: 'not-authenticated',
    });
    expect(storage.heard).toHaveLength(1);
    expect(registry.heard).toHaveLength(1);
  });

  it('gives up after five redirects', async () => {
    const registry = await scripted({
      method: 'GET',
      path: /./,
      times: 100,
      reply: { status: 302, headers: { location: '/again' } },
    });
    await expect(clientOf(registry.host).blob(repository, blob)).rejects.toMatchObject({
      code: 'untrusted-address',
    });
    expect(registry.heard).toHaveLength(6);
  });

  it('follows no redirect of a request that changes something', async () => {
    const registry = await scripted({
      method: 'PUT',
      path: manifestPath,
      reply: { status: 307, headers: { location: '/elsewhere' } },
    });
    const put = clientOf(registry.host).putManifest(repository, tag, {
      bytes: Buffer.from('{}'),
      mediaType: 'a/b',
    });
    await expect(put).rejects.toMatchObject({ code: 'protocol-violation', status: 307 });
    expect(registry.heard).toHaveLength(1);
  });

  it('tries a harmless request once more when the registry fails', async () => {
    const registry = await scripted(
      { method: 'GET', path: blobPath, reply: { status: 503 } },
      { method: 'GET', path: blobPath, reply: { status: 200, body: 'hello' } },
    );
    await (await clientOf(registry.host).blob(repository, blob)).toArray();
    expect(registry.heard).toHaveLength(2);
  });

  it('gives up after four attempts', async () => {
    const registry = await scripted({
      method: 'GET',
      path: blobPath,
      times: 9,
      reply: { status: 500, body: 'oops' },
    });
    await expect(clientOf(registry.host).blob(repository, blob)).rejects.toMatchObject({
      code: 'registry-unavailable',
      status: 500,
      retryable: true,
      triedEnough: true,
    });
    expect(registry.heard).toHaveLength(4);
  });

  it('takes "not implemented" for an answer', async () => {
    const registry = await scripted({ method: 'GET', path: blobPath, times: 9, reply: { status: 501 } });
    await expect(clientOf(registry.host).blob(repository, blob)).rejects.toMatchObject({
      code: 'request-refused',
      retryable: false,
    });
    expect(registry.heard).toHaveLength(1);
  });

  it.each([
    [429, 'throttled'],
    [503, 'registry-unavailable'],
  ])('leaves it to the caller to wait for minutes when %i asks for that', async (status, code) => {
    const registry = await scripted({
      method: 'GET',
      path: blobPath,
      times: 9,
      reply: { status, headers: { 'retry-after': '120' } },
    });
    await expect(clientOf(registry.host).blob(repository, blob)).rejects.toMatchObject({
      code,
      retryable: true,
      retryAfterMs: 120_000,
    });
    expect(registry.heard).toHaveLength(1);
  });

  it('repeats the opening of an upload, which does no harm, and no other POST', async () => {
    const registry = await scripted(
      { method: 'POST', path: /uploads/, times: 9, reply: { status: 502 } },
      { method: 'POST', path: '/job', times: 9, reply: { status: 502 } },
    );
    const client = clientOf(registry.host);
    const unavailable = { code: 'registry-unavailable' };
    await expect(client.uploadBlob(repository, blob, { source: Buffer.from('hello') })).rejects.toMatchObject(
      unavailable,
    );
    expect(registry.heard).toHaveLength(4);
    await expect(
      client.send({ operation: 'start-job', method: 'POST', path: '/job', scopes: [], expect: [200] }),
    ).rejects.toMatchObject(unavailable);
    expect(registry.heard).toHaveLength(5);
  });

  it("says what the registry's error body says", async () => {
    const body = JSON.stringify({
      errors: [{ code: 'IMAGE_QUARANTINED', message: 'The image is quarantined.', detail: {} }],
    });
    const registry = await scripted({ method: 'GET', path: manifestPath, reply: { status: 403, body } });
    const asked = clientOf(registry.host).manifest(repository, tag);
    await expect(asked).rejects.toMatchObject({
      code: 'access-refused',
      registryCodes: ['IMAGE_QUARANTINED'],
      retryable: false,
    });
    await expect(asked).rejects.toThrow('The image is quarantined.');
  });

  it.each([
    ['HTML', '<html>Bad gateway</html>'],
    ['a body without end', 'x'.repeat(1_000_000)],
  ])('goes by the status when the error is %s', async (_, body) => {
    const registry = await scripted({ method: 'GET', path: manifestPath, reply: { status: 404, body } });
    await expect(clientOf(registry.host).manifest(repository, tag)).rejects.toMatchObject({
      code: 'not-found',
      registryCodes: [],
    });
  });

  it('says that a registry cannot be reached', async () => {
    const registry = await startScriptedRegistry();
    await registry.close();
    await expect(clientOf(registry.host).resolve(repository, tag)).rejects.toMatchObject({
      code: 'registry-unavailable',
      retryable: true,
    });
  });

  it('does not wait for ever for an answer', async () => {
    const registry = await scripted();
    const silent = await silentServer();
    try {
      const client = clientOf(silent.host, { headersTimeoutMs: 1 });
      await expect(client.resolve(repository, tag)).rejects.toMatchObject({
        code: 'timed-out',
        retryable: true,
      });
    } finally {
      await silent.close();
    }
    expect(registry.heard).toEqual([]);
  });

  it("fails with the caller's reason when the caller gives up", async () => {
    const silent = await silentServer();
    try {
      const stop = new AbortController();
      const asking = clientOf(silent.host).resolve(repository, tag, { signal: stop.signal });
      const reason = new Error('shutting down');
      void silent.asked.then(() => stop.abort(reason));
      await expect(asking).rejects.toBe(reason);
    } finally {
      await silent.close();
    }
  });
});

interface SilentServer {
  host: RegistryHost;
  asked: Promise<undefined>;
  close(): Promise<void>;
}

/** Takes requests and never answers. */
async function silentServer(): Promise<SilentServer> {
  const { createServer } = await import('node:http');
  const { promise: asked, resolve } = Promise.withResolvers<undefined>();
  const server = createServer(() => resolve(undefined));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    host: RegistryHost.parse(`127.0.0.1:${port}`),
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
