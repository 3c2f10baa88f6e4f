import { RepositoryName, Tag } from '@pratique/contracts';
import {
  artifactOf,
  type ScriptedRegistry,
  type ScriptedReply,
  startScriptedRegistry,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import { copyImage } from './copy-image.js';
import type { CopyReport } from './copy-job.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');
const content = 'the content of the only file';

describe('oci/copy-blob', () => {
  const image = artifactOf({ file: content });
  const file = image.blobs.at(-1)!.descriptor;
  let source: ScriptedRegistry;
  let reader: RegistryClient;
  let target: TestRegistry;

  beforeEach(async () => {
    target = await startTestRegistry();
    source = await startScriptedRegistry(
      {
        method: 'GET',
        path: `/v2/team/app/manifests/${image.root.digest}`,
        reply: {
          status: 200,
          headers: { 'content-type': image.root.mediaType },
          body: image.manifests[0]!.bytes,
        },
      },
      { method: 'GET', path: /\/blobs\/sha256:44136fa355/, times: 9, reply: { status: 200, body: '{}' } },
    );
    reader = new RegistryClient({
      host: source.host,
      plainHttp: true,
      tokens: anonymousTokens(),
      retryDelayMs: 0,
    });
  });

  afterEach(async () => {
    await Promise.all([reader.close(), source.close(), target.close()]);
  });

  const whole = { status: 200, body: content };
  const broken = { ...whole, cutAfter: 4 };

  async function bytesAtTarget(): Promise<string> {
    return String(Buffer.concat(await (await target.client.blob(repository, file)).toArray()));
  }

  async function copyWith(...replies: ScriptedReply[]): Promise<CopyReport> {
    for (const reply of replies) {
      source.add({ method: 'GET', path: `/v2/team/app/blobs/${file.digest}`, reply });
    }
    return await copyImage({
      source: { client: reader, repository, digest: image.root.digest },
      target: { client: target.client, repository, tags: [tag] },
    });
  }

  async function requireNothingLeft(): Promise<void> {
    const heard = target.heard();
    expect(heard.filter((line) => line.includes('/manifests/') && !line.startsWith('HEAD'))).toEqual([]);
    expect(heard.filter((line) => line.startsWith('DELETE'))).not.toEqual([]);
    expect(await target.client.hasBlob(repository, file.digest)).toBe(false);
  }

  it.each([
    ['other bytes', { status: 200, body: content.toUpperCase() }],
    ['too few bytes', { status: 200, body: content.slice(1) }],
    ['too many bytes', { status: 200, body: `${content}!` }],
  ])('leaves nothing at the target when the source sends %s', async (_, reply) => {
    await expect(copyWith(reply)).rejects.toMatchObject({
      code: 'digest-mismatch',
      side: 'source',
      retryable: false,
    });
    await requireNothingLeft();
  });

  it('goes on where the source broke off', async () => {
    const rest = {
      status: 206,
      headers: { 'content-range': `bytes 4-${content.length - 1}/${content.length}` },
      body: content.slice(4),
    };

    expect(await copyWith(broken, rest)).toMatchObject({ blobsCopied: 2, manifests: 1 });

    expect(source.heard.map(({ headers }) => headers.range).filter(Boolean)).toEqual(['bytes=4-']);
    expect(await bytesAtTarget()).toBe(content);
  });

  it('starts the blob again where the source cannot go on in the middle', async () => {
    expect(await copyWith(broken, whole, whole)).toMatchObject({ blobsCopied: 2, manifests: 1 });
    expect(await bytesAtTarget()).toBe(content);
  });

  it('notices when the source goes on with something else', async () => {
    const other = {
      status: 206,
      headers: { 'content-range': `bytes 4-${content.length - 1}/${content.length}` },
      body: content.slice(4).toUpperCase(),
    };
    await expect(copyWith(broken, other)).rejects.toMatchObject({ code: 'digest-mismatch', side: 'source' });
    await requireNothingLeft();
  });

  it('says that it was the source which broke off, every time', async () => {
    await expect(copyWith(...Array.from({ length: 9 }, () => broken))).rejects.toMatchObject({
      code: 'registry-unavailable',
      side: 'source',
      retryable: true,
    });
    await requireNothingLeft();
  });

  it('says that it was the target which broke off', async () => {
    target.intercept(({ method, path }) =>
      Promise.resolve(method === 'PUT' && path.includes('/blobs/') ? 'drop' : 'proceed'),
    );
    await expect(copyWith(...Array.from({ length: 9 }, () => whole))).rejects.toMatchObject({
      code: 'registry-unavailable',
      side: 'target',
      retryable: true,
    });
  });

  it('does not hurry a source that asks to wait', async () => {
    const busy = { status: 429, headers: { 'retry-after': '120' } };
    await expect(copyWith(busy, busy)).rejects.toMatchObject({
      code: 'throttled',
      side: 'source',
      retryAfterMs: 120_000,
    });
    expect(source.lines().filter((line) => line.endsWith(file.digest))).toHaveLength(1);
  });
});
