import { digestOf, RepositoryName } from '@pratique/contracts';
import {
  artifactOf,
  imageOf,
  type ScriptedRegistry,
  type ScriptedReply,
  startScriptedRegistry,
} from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import type { Descriptor } from './descriptor.js';
import { fallbackTag } from './list-referrers.js';
import { readManifest } from './manifest.js';
import { mediaType } from './media-types.js';
import { recordReferrer } from './record-referrer.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const subject = digestOf('subject');
const api = `/v2/team/app/referrers/${subject}`;
const byTag = `/v2/team/app/manifests/${fallbackTag(subject)}`;

const descriptorOf = (text: string): Descriptor => ({
  mediaType: mediaType.ociManifest,
  digest: digestOf(text),
  size: text.length,
});
const indexOf = (...manifests: object[]): ScriptedReply => ({
  status: 200,
  headers: { 'content-type': mediaType.ociIndex },
  body: JSON.stringify({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests }),
});

describe('oci/list-referrers', () => {
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

  const list = async (): Promise<Descriptor[]> => await client.referrers(repository, subject);

  it('asks the API, page after page', async () => {
    const first = indexOf(descriptorOf('a'));
    registry.add(
      { method: 'GET', path: api, reply: { ...first, headers: { link: `<${api}?page=2>; rel="next"` } } },
      { method: 'GET', path: `${api}?page=2`, reply: indexOf(descriptorOf('b')) },
    );
    expect(await list()).toEqual([descriptorOf('a'), descriptorOf('b')]);
  });

  it('does not look for the fallback tag when the API has none', async () => {
    registry.add({ method: 'GET', path: api, reply: indexOf() });
    expect(await list()).toEqual([]);
    expect(registry.heard).toHaveLength(1);
  });

  it('goes by the fallback tag where there is no API', async () => {
    registry.add(
      { method: 'GET', path: api, reply: { status: 404 } },
      { method: 'GET', path: byTag, reply: indexOf(descriptorOf('a')) },
    );
    expect(await list()).toEqual([descriptorOf('a')]);
  });

  it('finds none where there is neither', async () => {
    registry.add(
      { method: 'GET', path: api, reply: { status: 404 } },
      { method: 'GET', path: byTag, reply: { status: 404 } },
    );
    expect(await list()).toEqual([]);
  });

  it.each([403, 429])('does not take %i for "none"', async (status) => {
    registry.add({ method: 'GET', path: api, times: 9, reply: { status } });
    await expect(list()).rejects.toMatchObject({ status });
  });

  it('refuses more than an honest image has', async () => {
    registry.add({
      method: 'GET',
      path: api,
      reply: indexOf(...Array.from({ length: 1001 }, (_, i) => descriptorOf(`${i}`))),
    });
    await expect(list()).rejects.toMatchObject({ code: 'limit-exceeded' });
  });

  describe('oci/record-referrer', () => {
    it('adds to what others have written, without losing what it does not know', async () => {
      const other = { ...descriptorOf('other'), artifactType: 'application/x', 'x-unknown': { kept: true } };
      const image = await imageOf();
      const artifact = artifactOf(
        { a: 'b' },
        { subject: image.root, artifactType: 'application/y', annotations: { k: 'v' } },
      );
      const referrer = readManifest(artifact.manifests[0]!.bytes, undefined);
      registry.add(
        { method: 'GET', path: byTag, reply: indexOf(other) },
        { method: 'PUT', path: byTag, reply: { status: 201 } },
      );
      await recordReferrer(client, { repository, subject, referrer });
      const written = JSON.parse(String(registry.heard.at(-1)?.body)) as { manifests: object[] };
      expect(written).toMatchObject({ schemaVersion: 2, mediaType: mediaType.ociIndex });
      expect(written.manifests).toEqual([
        other,
        { ...artifact.root, artifactType: 'application/y', annotations: { k: 'v' } },
      ]);
    });

    it('starts a list, and writes nothing when it is there already', async () => {
      const referrer = readManifest((await imageOf()).manifests[0]!.bytes, undefined);
      let stored: ScriptedReply = { status: 404 };
      registry.add(
        { method: 'GET', path: byTag, times: 9, reply: () => stored },
        {
          method: 'PUT',
          path: byTag,
          reply: ({ body }) => {
            stored = { status: 200, headers: { 'content-type': mediaType.ociIndex }, body };
            return { status: 201 };
          },
        },
      );
      await Promise.all([
        recordReferrer(client, { repository, subject, referrer }),
        recordReferrer(client, { repository, subject, referrer }),
      ]);
      expect(registry.lines().filter((line) => line.startsWith('PUT'))).toHaveLength(1);
    });
  });
});
