import { PassThrough, Readable } from 'node:stream';
import { digestOf, RepositoryName } from '@pratique/contracts';
import {
  type ScriptedExchange,
  type ScriptedRegistry,
  type ScriptedReply,
  startScriptedRegistry,
} from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import { RegistryClient, type RegistryClientOptions } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const content = Buffer.from('0123456789');
const blob = { digest: digestOf(content), size: content.length };
const digestQuery = `digest=${encodeURIComponent(blob.digest)}`;

describe('oci/upload-blob', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;

  afterEach(async () => {
    await client.close();
    await registry.close();
  });

  async function start(
    script: ScriptedExchange[],
    options: Partial<RegistryClientOptions> = {},
  ): Promise<void> {
    registry = await startScriptedRegistry(...script);
    client = new RegistryClient({
      host: registry.host,
      plainHttp: true,
      tokens: anonymousTokens(),
      retryDelayMs: 0,
      ...options,
    });
  }

  const opens = (
    location = '/session?state=a%3Db',
    headers: Record<string, string> = {},
  ): ScriptedExchange => ({
    method: 'POST',
    path: '/v2/team/app/blobs/uploads/',
    reply: { status: 202, headers: { location, ...headers } },
  });
  const closes = (path: string | RegExp, reply: ScriptedReply = { status: 201 }): ScriptedExchange => ({
    method: 'PUT',
    path,
    reply,
  });
  const cancels: ScriptedExchange = { method: 'DELETE', path: /^\/session/, reply: { status: 204 } };
  const upload = async (source: Readable | Buffer = content): Promise<void> =>
    await client.uploadBlob(repository, blob, { source });

  it('opens a session and puts everything at once, keeping what the registry wrote into the address', async () => {
    await start([opens(), closes(`/session?state=a%3Db&${digestQuery}`)]);
    await upload(Readable.from([content.subarray(0, 4), content.subarray(4)]));
    const put = registry.heard.at(-1);
    expect(put?.body).toEqual(content);
    expect(put?.headers['content-length']).toBe('10');
    expect(put?.headers).not.toHaveProperty('transfer-encoding');
  });

  it('sends chunks in order, each to the address that the one before it was answered with', async () => {
    const chunk = (path: string, location: string): ScriptedExchange => ({
      method: 'PATCH',
      path,
      reply: { status: 202, headers: { location } },
    });
    await start(
      [
        opens('/s0'),
        chunk('/s0', '/s1'),
        chunk('/s1', '/s2'),
        chunk('/s2', '/s3'),
        closes(`/s3?${digestQuery}`),
      ],
      {
        upload: { monolithicBytes: 9, chunkBytes: 4 },
      },
    );
    await upload(Readable.from([content]));
    expect(registry.heard.map(({ headers }) => headers['content-range'])).toEqual([
      undefined,
      '0-3',
      '4-7',
      '8-9',
      undefined,
    ]);
    expect(Buffer.concat(registry.heard.map(({ body }) => body))).toEqual(content);
  });

  it('makes chunks as large as the registry wants them', async () => {
    await start(
      [
        opens('/s0', { 'oci-chunk-min-length': '6' }),
        { method: 'PATCH', path: '/s0', reply: { status: 202, headers: { location: '/s0' } }, times: 2 },
        closes(/^\/s0/),
      ],
      { upload: { monolithicBytes: 1, chunkBytes: 2 } },
    );
    await upload();
    expect(registry.heard.map(({ headers }) => headers['content-range'])).toEqual([
      undefined,
      '0-5',
      '6-9',
      undefined,
    ]);
  });

  it('sends smaller bodies after the registry has refused one as too large', async () => {
    const size = 3 * 1024 * 1024;
    const large = Buffer.alloc(size, 'x');
    const place = { digest: digestOf(large), size };
    await start([
      opens(),
      closes(/^\/session/, { status: 413 }),
      cancels,
      opens('/s0'),
      { method: 'PATCH', path: '/s0', reply: { status: 202, headers: { location: '/s0' } }, times: 2 },
      closes(/^\/s0/),
    ]);
    const uploading = (): Promise<void> =>
      client.uploadBlob(repository, place, { source: Readable.from([large]) });

    await expect(uploading()).rejects.toMatchObject({ status: 413, retryable: true });
    await uploading();

    expect(registry.heard.map(({ headers }) => headers['content-range']).filter(Boolean)).toEqual([
      `0-${size / 2 - 1}`,
      `${size / 2}-${size - 1}`,
    ]);
  });

  it('cancels the session when the registry refuses the bytes, and says that they are wrong', async () => {
    const body = JSON.stringify({ errors: [{ code: 'DIGEST_INVALID' }] });
    await start([opens(), closes(/^\/session/, { status: 400, body }), cancels]);
    await expect(upload()).rejects.toMatchObject({ code: 'digest-mismatch', operation: 'upload-blob' });
    expect(registry.lines().at(-1)).toBe('DELETE /session?state=a%3Db');
  });

  it('cancels the session when the source fails, and passes on its error', async () => {
    await start([opens(), closes(/^\/session/), cancels]);
    const source = new PassThrough();
    source.write(content.subarray(0, 5));
    const broken = new Error('the source broke');
    const uploading = upload(source);
    setImmediate(() => source.destroy(broken));
    await expect(uploading).rejects.toBe(broken);
    expect(registry.lines()).toContain('DELETE /session?state=a%3Db');
  });

  it('reports the first error when the session cannot be cancelled either', async () => {
    await start([
      opens(),
      closes(/^\/session/, { status: 413 }),
      { ...cancels, times: 99, reply: { status: 500 } },
    ]);
    await expect(upload()).rejects.toMatchObject({ code: 'request-refused', status: 413 });
  });

  it.each(['http://127.0.0.1:1/session', 'https://evil.test/session'])(
    'does not carry an upload to another host: %s',
    async (location) => {
      await start([opens(location)]);
      const source = Readable.from([content]);
      await expect(upload(source)).rejects.toMatchObject({ code: 'untrusted-address' });
      expect(source.destroyed).toBe(true);
    },
  );

  it('refuses a session without an address', async () => {
    await start([{ method: 'POST', path: /uploads/, reply: { status: 202 } }]);
    await expect(upload()).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  it('can be repeated when the token runs out in the middle of a stream', async () => {
    const headers = { 'www-authenticate': 'Basic realm="x"' };
    await start([opens(), closes(/^\/session/, { status: 401, headers }), cancels]);
    await expect(upload(Readable.from([content]))).rejects.toMatchObject({
      code: 'not-authenticated',
      retryable: true,
    });
  });

  it('mounts a blob, or says that it could not and closes what was opened', async () => {
    const from = RepositoryName.parse('other/app');
    const path = `/v2/team/app/blobs/uploads/?mount=${encodeURIComponent(blob.digest)}&from=other%2Fapp`;
    await start([
      { method: 'POST', path, reply: { status: 201 } },
      { method: 'POST', path, reply: { status: 202, headers: { location: '/session' } } },
      cancels,
    ]);
    expect(await client.mountBlob(repository, blob.digest, { from })).toBe(true);
    expect(await client.mountBlob(repository, blob.digest, { from })).toBe(false);
    expect(registry.lines().at(-1)).toBe('DELETE /session');
  });
});
