import type { Digest } from '@pratique/contracts';
import { isIndex, type Manifest, onSide, Platform, readBounded } from '@pratique/oci';
import type { Move } from './move.js';
import { keeps, type PlatformSubset, platformSubset } from './platform-subset.js';

/** What of an image is to go: all of it, a part that is another index, or nothing. */
export type Content =
  { whole: Digest } | { part: PlatformSubset } | { nothing: 'other-artifact' | 'other-platform' };

type ImageInQuestion = Pick<Move, 'copy' | 'source' | 'digest' | 'signal'>;

const maxConfigBytes = 1024 * 1024;

/**
 * Looks into an image as far as its rule depends on what is in there. Most rules do not, and cost no request here.
 *
 * @throws OciError with its side
 */
export async function contentOf(move: ImageInQuestion): Promise<Content> {
  const { digest, copy } = move;
  const { artifactTypes, platforms } = copy.manner;
  if (artifactTypes === undefined && platforms === undefined) return { whole: digest };
  const manifest = await manifestAtSource(move, digest);
  if (artifactTypes !== undefined && !artifactTypes.includes(artifactTypeOf(manifest)))
    return { nothing: 'other-artifact' };
  if (platforms === undefined) return { whole: digest };
  if (!isIndex(manifest.document)) {
    const platform = await platformOf(move, manifest);
    return keeps(platforms, platform) ? { whole: digest } : { nothing: 'other-platform' };
  }
  const subset = platformSubset(manifest, platforms);
  if (subset === 'none') return { nothing: 'other-platform' };
  return subset === 'whole' ? { whole: digest } : { part: subset };
}

const imageConfigs: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** What an image is for, as a rule's `artifactTypes` has it. An index without a type of its own is one of container images. */
export function artifactTypeOf({ document }: Pick<Manifest, 'document'>): string {
  if (document.artifactType !== undefined) return document.artifactType;
  if (isIndex(document)) return 'image';
  const { mediaType: type } = document.config;
  return imageConfigs.includes(type) ? 'image' : type;
}

async function manifestAtSource(
  { source, copy, signal }: ImageInQuestion,
  digest: Digest,
): Promise<Manifest> {
  return await onSide('source', () => source.reader.manifest(copy.source.repository, digest, { signal }));
}

/** The platform of a single image stands in its config. https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md */
async function platformOf(
  { source, copy, signal }: ImageInQuestion,
  { document }: Manifest,
): Promise<Platform | undefined> {
  if (isIndex(document) || !imageConfigs.includes(document.config.mediaType)) return undefined;
  const { config } = document;
  const bytes = await onSide('source', async () => {
    const body = await source.reader.blob(copy.source.repository, config, { signal });
    return await readBounded(body, { maxBytes: maxConfigBytes, operation: 'get-blob' });
  });
  try {
    const platform = Platform.safeParse(JSON.parse(bytes.toString('utf8')));
    return platform.success ? platform.data : undefined;
  } catch {
    // A config that is no JSON names no platform.
    return undefined;
  }
}
