import { Digest } from '@pratique/contracts';
import { z } from 'zod';
import { notReadable } from './unscannable-error.js';

export interface ImageConfig {
  /** Digests of the layers' tars; undefined for an artifact, which is not unpacked by a runtime. */
  diffIds: readonly Digest[] | undefined;
}

const imageConfigTypes: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties */
const RootFilesystem = z.object({ rootfs: z.object({ diff_ids: z.array(Digest) }) });

/**
 * Reads a config, as far as it tells how the layers are to be read. One that looks like an image's counts as one, whatever
 * its type: runtimes go by the content.
 *
 * @throws UnscannableError
 */
export function readImageConfig(bytes: Buffer, mediaType: string): ImageConfig {
  const config = parseJson(bytes);
  // Runtimes read field names in any case.
  const looksLikeImage = Object.keys(config).some((key) => key.toLowerCase() === 'rootfs');
  if (!looksLikeImage && !imageConfigTypes.includes(mediaType)) return { diffIds: undefined };
  const parsed = RootFilesystem.safeParse(config);
  if (!parsed.success) throw notReadable('The config of the image does not name the content of its layers.');
  return { diffIds: parsed.data.rootfs.diff_ids };
}

function parseJson(bytes: Buffer): object {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch (error) {
    throw notReadable('The config is not JSON.', error);
  }
  throw notReadable('The config is not a JSON object.');
}
