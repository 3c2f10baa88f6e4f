import { digestOf, RepositoryName, Tag } from '@pratique/contracts';
import { imageOf, type ScriptedRegistry, type ScriptedReply, startScriptedRegistry } from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import type { DescribedBytes } from './built-image.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');
const path = '/v2/team/app/manifests/1.0.0';

describe('oci/transfer-manifest', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;
  let manifest: DescribedBytes;

  beforeEach(async () => {
    manifest = (await imageOf()).manifests[0]!;
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

  const served = (more: Record<string, string> = {}): ScriptedReply => ({
    status: 200,
    headers: { 'content-type': manifest.descriptor.mediaType, ...more },
    body: manifest.bytes,
  });

  describe('resolving', () => {
    it('asks with HEAD only when that says all', async () => {
      const headers = { 'docker-content-digest': manifest.descriptor.digest };
      registry.add({ method: 'HEAD', path, reply: served(headers) });
      expect(await client.resolve(repository, tag)).toEqual(manifest.descriptor);
    });

    it('reads the manifest where the registry names no digest', async () => {
      registry.add({ method: 'HEAD', path, reply: served() }, { method: 'GET', path, reply: served() });
      expect(await client.resolve(repository, tag)).toEqual(manifest.descriptor);
    });

    it('finds nothing where there is nothing', async () => {
      registry.add({ method: 'HEAD', path, reply: { status: 404 } });
      expect(await client.resolve(repository, tag)).toBeUndefined();
    });

    it('does not take a refusal for absence, and asks why', async () => {
      const body = JSON.stringify({ errors: [{ code: 'DENIED' }] });
      registry.add(
        { method: 'HEAD', path, reply: { status: 403 } },
        { method: 'GET', path, reply: { status: 403, body } },
      );
      await expect(client.resolve(repository, tag)).rejects.toMatchObject({
        code: 'access-refused',
        registryCodes: ['DENIED'],
      });
    });

    it('does not believe a registry that answers with another digest', async () => {
      const asked = digestOf('other');
      const headers = { 'docker-content-digest': manifest.descriptor.digest };
      registry.add({ method: 'HEAD', path: /manifests/, reply: served(headers) });
      await expect(client.resolve(repository, asked)).rejects.toMatchObject({ code: 'digest-mismatch' });
    });
  });

  describe('reading', () => {
    it('accepts every type of manifest, and nothing compressed', async () => {
      registry.add({ method: 'GET', path, reply: served() });
      await client.manifest(repository, tag);
      expect(registry.heard[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
      expect(registry.heard[0]?.headers.accept?.split(', ')).toHaveLength(4);
    });

    it('keeps the bytes as they came', async () => {
      const spaced = Buffer.from(`${JSON.stringify(JSON.parse(String(manifest.bytes)), null, 3)}\n`);
      registry.add({ method: 'GET', path, reply: { ...served(), body: spaced } });
      const read = await client.manifest(repository, tag);
      expect(read.bytes).toEqual(spaced);
      expect(read.descriptor).toMatchObject({ digest: digestOf(spaced), size: spaced.length });
    });

    it('refuses other bytes than those that were asked for', async () => {
      registry.add({ method: 'GET', path: /manifests/, reply: served() });
      await expect(client.manifest(repository, digestOf('other'))).rejects.toMatchObject({
        code: 'digest-mismatch',
      });
    });

    it('refuses other bytes than those that the registry names', async () => {
      registry.add({ method: 'GET', path, reply: served({ 'docker-content-digest': digestOf('other') }) });
      await expect(client.manifest(repository, tag)).rejects.toMatchObject({ code: 'digest-mismatch' });
    });

    it('checks a sha512 digest by sha512', async () => {
      const digest = digestOf(manifest.bytes, 'sha512');
      registry.add({ method: 'GET', path: `/v2/team/app/manifests/${digest}`, reply: served() });
      expect((await client.manifest(repository, digest)).descriptor.digest).toBe(digest);
    });

    it('refuses a manifest of more than 4 MiB', async () => {
      const body = Buffer.alloc(4 * 1024 * 1024 + 1, 32);
      registry.add({ method: 'GET', path, reply: { ...served(), body } });
      await expect(client.manifest(repository, tag)).rejects.toMatchObject({ code: 'limit-exceeded' });
    });

    it('asks again when the connection broke in the middle of the answer', async () => {
      registry.add(
        { method: 'GET', path, reply: { ...served(), cutAfter: 10 } },
        { method: 'GET', path, reply: served() },
      );
      expect((await client.manifest(repository, tag)).bytes).toBeInstanceOf(Buffer);
    });

    it('says that the connection broke', async () => {
      registry.add({ method: 'GET', path, reply: { ...served(), cutAfter: 10 }, times: 9 });
      await expect(client.manifest(repository, tag)).rejects.toMatchObject({
        code: 'registry-unavailable',
        retryable: true,
      });
    });
  });

  describe('writing', () => {
    const put = async (): Promise<unknown> =>
      await client.putManifest(repository, tag, {
        bytes: manifest.bytes,
        mediaType: manifest.descriptor.mediaType,
      });

    it('sends the bytes as they are and says whether the subject was listed', async () => {
      registry.add(
        { method: 'PUT', path, reply: { status: 201, headers: { 'oci-subject': digestOf('x') } } },
        { method: 'PUT', path, reply: { status: 201 } },
      );
      const { digest } = manifest.descriptor;
      expect(await put()).toEqual({ digest, subjectProcessed: true });
      expect(await put()).toEqual({ digest, subjectProcessed: false });
      expect(registry.heard[0]).toMatchObject({ body: manifest.bytes });
      expect(registry.heard[0]?.headers['content-type']).toBe(manifest.descriptor.mediaType);
    });

    it('is repeated when the registry fails for a moment', async () => {
      registry.add(
        { method: 'PUT', path, reply: { status: 500 } },
        { method: 'PUT', path, reply: { status: 201 } },
      );
      await put();
      expect(registry.heard.map(({ body }) => body.length)).toEqual([
        manifest.bytes.length,
        manifest.bytes.length,
      ]);
    });

    it('does not believe a registry that stored something else', async () => {
      const headers = { 'docker-content-digest': digestOf('other') };
      registry.add({ method: 'PUT', path, reply: { status: 201, headers } });
      await expect(put()).rejects.toMatchObject({ code: 'digest-mismatch' });
    });

    it.each([405, 409, 412])('takes %i for a locked tag', async (status) => {
      registry.add({ method: 'PUT', path, reply: { status } });
      await expect(put()).rejects.toMatchObject({ code: 'tag-locked', status, retryable: false });
    });

    it.each([
      [404, 'MANIFEST_BLOB_UNKNOWN'],
      [400, 'BLOB_UNKNOWN'],
    ])('tells %i %s from other refusals', async (status, code) => {
      registry.add({ method: 'PUT', path, reply: { status, body: JSON.stringify({ errors: [{ code }] }) } });
      await expect(put()).rejects.toMatchObject({ code: 'manifest-blob-unknown' });
    });
  });

  it('says that what it should delete is locked', async () => {
    const body = JSON.stringify({
      errors: [{ code: 'REGISTRY_DISALLOWED_OPERATION', message: 'Operation is disallowed.' }],
    });
    registry.add({ method: 'DELETE', path: /manifests/, reply: { status: 405, body } });
    await expect(client.deleteManifest(repository, tag)).rejects.toMatchObject({
      code: 'tag-locked',
      retryable: false,
    });
  });

  it('deletes, and says whether there was anything', async () => {
    registry.add(
      { method: 'DELETE', path, reply: { status: 202 } },
      { method: 'DELETE', path, reply: { status: 404 } },
    );
    expect(await client.deleteManifest(repository, tag)).toBe(true);
    expect(await client.deleteManifest(repository, tag)).toBe(false);
  });
});
