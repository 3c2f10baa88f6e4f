import { once } from 'node:events';
import { digestOf, RepositoryName } from '@pratique/contracts';
import { type ScriptedRegistry, type ScriptedReply, startScriptedRegistry } from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const content = Buffer.from('all of it');
const blob = { digest: digestOf(content), size: content.length };

describe('oci/read-blob', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await startScriptedRegistry();
    client = new RegistryClient({
      host: registry.host,
      plainHttp: true,
      tokens: anonymousTokens(),
      retryDelayMs: 0,
    });
  });

  afterEach(async () => {
    await client.close();
    await registry.close();
  });

  async function read(reply: ScriptedReply, asked = blob): Promise<Buffer> {
    registry.add({ method: 'GET', path: `/v2/team/app/blobs/${asked.digest}`, reply, times: 9 });
    const stream = await client.blob(repository, asked);
    return Buffer.concat(await stream.toArray());
  }

  it('passes on the bytes that were asked for', async () => {
    expect(await read({ status: 200, body: content })).toEqual(content);
  });

  it('checks sha512 too', async () => {
    const asked = { ...blob, digest: digestOf(content, 'sha512') };
    expect(await read({ status: 200, body: content }, asked)).toEqual(content);
  });

  it('passes on an empty blob', async () => {
    expect(await read({ status: 200 }, { digest: digestOf(''), size: 0 })).toEqual(Buffer.alloc(0));
  });

  it.each([
    ['other bytes of the same length', 'ALL OF IT'],
    ['fewer bytes', 'all of'],
    ['more bytes', 'all of it and more'],
    ['no bytes', ''],
  ])('fails at the end on %s', async (_, body) => {
    await expect(read({ status: 200, body })).rejects.toMatchObject({
      code: 'digest-mismatch',
      retryable: false,
    });
  });

  it('fails when the connection breaks in the middle', async () => {
    await expect(read({ status: 200, body: content, cutAfter: 3 })).rejects.toMatchObject({
      code: 'registry-unavailable',
      operation: 'get-blob',
      retryable: true,
    });
  });

  it('fails when the bytes stop coming', async () => {
    const impatient = new RegistryClient({
      host: registry.host,
      plainHttp: true,
      tokens: anonymousTokens(),
      bodyTimeoutMs: 1,
    });
    try {
      registry.add({
        method: 'GET',
        path: /blobs/,
        reply: { status: 200, body: content, headers: { 'content-length': '1000' } },
      });
      const stream = await impatient.blob(repository, blob);
      await expect(stream.toArray()).rejects.toMatchObject({ code: 'timed-out', retryable: true });
    } finally {
      await impatient.close();
    }
  });

  it('lets a reader leave early', async () => {
    registry.add({ method: 'GET', path: /blobs/, reply: { status: 200, body: Buffer.alloc(5_000_000) } });
    const stream = await client.blob(repository, { ...blob, size: 5_000_000 });
    stream.destroy();
    await once(stream, 'close');
  });

  it('says whether there is a blob', async () => {
    registry.add(
      { method: 'HEAD', path: /blobs/, reply: { status: 200 } },
      { method: 'HEAD', path: /blobs/, reply: { status: 404 } },
    );
    expect(await client.hasBlob(repository, blob.digest)).toBe(true);
    expect(await client.hasBlob(repository, blob.digest)).toBe(false);
  });

  it('does not rely on a blob about which the registry fails whenever it is asked', async () => {
    registry.add({ method: 'HEAD', path: /blobs/, reply: { status: 500 }, times: 9 });
    expect(await client.hasBlob(repository, blob.digest)).toBe(false);
    expect(registry.lines().length).toBeGreaterThan(1);
  });

  it('takes a registry that is not there for no answer', async () => {
    registry.add({ method: 'HEAD', path: /blobs/, reply: { status: 503 }, times: 9 });
    await expect(client.hasBlob(repository, blob.digest)).rejects.toMatchObject({
      code: 'registry-unavailable',
    });
  });
});
