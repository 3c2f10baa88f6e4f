import { Digest } from '@pratique/contracts';
import { hasRepeatedKeys } from '@pratique/oci';
import { z } from 'zod';
import { notReadable } from './unscannable-error.js';

/** Null is how Docker writes "none". */
const ContainerConfig = z.object({
  /** `user`, `uid`, `user:group` …; none is root. */
  User: z.string().nullish(),
  /** Keys such as `80/tcp`. */
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  /** `NAME=value` each. */
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

/**
 * The config of an image that a runtime starts, as far as a scan needs it.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties
 */
export const ImageConfig = z.object({
  /** RFC 3339; not checked. */
  created: z.string().nullish(),
  config: ContainerConfig.nullish(),
  rootfs: z.object({
    /** Digests of the layers' tars. */
    diff_ids: z.array(Digest),
  }),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

const imageConfigTypes: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

const knownFields = new Map(
  [ImageConfig.shape, ContainerConfig.shape, ImageConfig.shape.rootfs.shape]
    .flatMap((shape) => Object.keys(shape))
    .map((name) => [folded(name), name]),
);

/**
 * Reads a config. One that looks like an image's counts as one, whatever its type: runtimes go by the content.
 *
 * @returns undefined for an artifact, which no runtime unpacks
 * @throws UnscannableError
 */
export function readImageConfig(bytes: Buffer, mediaType: string): ImageConfig | undefined {
  const text = bytes.toString('utf8');
  const config = parseJson(text);
  const looksLikeImage = Object.keys(config).some((key) => folded(key) === 'rootfs');
  if (!looksLikeImage && !imageConfigTypes.includes(mediaType)) return undefined;
  requireOneMeaning(text, config);
  const parsed = ImageConfig.safeParse(config);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join('.') ?? '';
  throw notReadable(`The config of the image has no valid ${at}.`);
}

/** Runtimes read field names in any case and let the fields of a repeated object add up; JavaScript does neither. */
function requireOneMeaning(text: string, config: object): void {
  if (hasRepeatedKeys(text, config)) throw notReadable('The config of the image has a field twice.');
  const inner = Object.values(config as Record<string, unknown>);
  const misspelt = [config, ...inner]
    .flatMap(keysOf)
    .find((key) => (knownFields.get(folded(key)) ?? key) !== key);
  if (misspelt !== undefined) {
    throw notReadable(
      `The config of the image has a field "${misspelt}", which runtimes read in different ways.`,
    );
  }
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** As Go compares field names: without case, with the long s as an s and the Kelvin sign as a k. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function parseJson(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch (error) {
    throw notReadable('The config is not JSON.', error);
  }
  throw notReadable('The config is not a JSON object.');
}
