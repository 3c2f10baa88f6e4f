import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  anonymousTokens,
  type BuiltImage,
  describeBytes,
  type DescribedBytes,
  describeJson,
  mediaType,
  pushImage,
  RegistryClient,
} from '@pratique/oci';
import { Agent } from 'undici';
import type { TlsFiles } from '../../test/processes/docker-registry.js';

const megabyte = 1_000_000;

/** Images for one repository, made one at a time: the large ones need not be in memory together. */
export interface Corpus {
  repository: string;
  images: () => Iterable<BuiltImage>;
}

/** So many images that share a base of 3.1 MB and have a layer of 20 kB and a config of their own. */
export function smallImages(count: number): Corpus {
  return {
    repository: 'bench/small',
    *images() {
      const base = layer(3.1 * megabyte);
      for (let number = 0; number < count; number++) yield imageOfLayers([base, layer(20_000)]);
    },
  };
}

/** One image of so many layers, with nothing in common with any other. */
export function largeImage(layers: number, bytes: number): Corpus {
  return {
    repository: `bench/large-${layers}x${bytes / megabyte}`,
    *images() {
      yield imageOfLayers(Array.from({ length: layers }, () => layer(bytes)));
    },
  };
}

/** Random bytes, as compressed layers are to whoever copies them. */
function layer(bytes: number): DescribedBytes {
  return describeBytes(randomBytes(bytes), mediaType.ociLayer);
}

function imageOfLayers(layers: readonly DescribedBytes[]): BuiltImage {
  const diffIds = layers.map(({ descriptor }) => descriptor.digest);
  const config = describeJson(
    { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } },
    mediaType.ociConfig,
  );
  const manifest = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
    },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: [config, ...layers] };
}

/** Pushes a corpus to a registry; the tags are `0`, `1`, `2` … */
export async function pushCorpus(host: string, corpus: Corpus, tls: TlsFiles | undefined): Promise<void> {
  const agent = new Agent(tls && { connect: { ca: await readFile(tls.certificate) } });
  const client = new RegistryClient({
    host: RegistryHost.parse(host),
    plainHttp: tls === undefined,
    tokens: anonymousTokens(),
    agent,
  });
  let number = 0;
  for (const image of corpus.images()) {
    const repository = RepositoryName.parse(corpus.repository);
    await pushImage(client, image, { repository, tags: [Tag.parse(String(number++))] });
  }
  await agent.close();
}
