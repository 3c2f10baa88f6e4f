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

  it('tries again when the source breaks off, and only once', async () => {
    const broken = { status: 200, body: content, cutAfter: 4 };
    expect(await copyWith(broken, { status: 200, body: content })).toMatchObject({
      blobsCopied: 2,
      manifests: 1,
    });
  });

  it('says that it was the source which broke off', async () => {
    const broken = { status: 200, body: content, cutAfter: 4 };
    await expect(copyWith(broken, broken, broken)).rejects.toMatchObject({
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
    const whole = { status: 200, body: content };
    await expect(copyWith(whole, whole, whole)).rejects.toMatchObject({
      code: 'registry-unavailable',
      side: 'target',
      retryable: true,
    });
  });

  it('does not hurry a source that asks to wait', async () => {
    const busy = { status: 429, headers: { 'retry-after': '5' } };
    await expect(copyWith(busy, busy)).rejects.toMatchObject({
      code: 'throttled',
      side: 'source',
      retryAfterMs: 5000,
    });
    expect(source.lines().filter((line) => line.endsWith(file.digest))).toHaveLength(1);
  });
});
