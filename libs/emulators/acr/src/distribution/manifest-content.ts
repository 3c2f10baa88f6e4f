import { z } from 'zod';

import { isDigest } from '../registry/image-names.js';
import { RegistryError } from '../registry/registry-error.js';

/** Manifests at most; Azure's documented limit and what the specification asks a registry to take at least. */
export const maxManifestBytes = 4 * 1024 * 1024;

const indexMediaTypes: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const imageMediaTypes: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const artifactMediaTypes: readonly string[] = ['application/vnd.oci.artifact.manifest.v1+json'];
const manifestMediaTypes = [...indexMediaTypes, ...imageMediaTypes, ...artifactMediaTypes];

const Digest = z.string().refine(isDigest);
const Descriptor = z.object({
  mediaType: z.string().max(255),
  digest: Digest,
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
});
type Descriptor = z.infer<typeof Descriptor>;

/** The parts of any kind of manifest that a registry looks at. */
const Manifest = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().max(255).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
  blobs: z.array(Descriptor).optional(),
  manifests: z.array(Descriptor).optional(),
  subject: Descriptor.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
type Manifest = z.infer<typeof Manifest>;

/** What a manifest refers to. */
export interface ManifestContent {
  /** Config and layers, without layers that live elsewhere. */
  readonly blobs: readonly string[];
  /** Children of an index. */
  readonly manifests: readonly string[];
  readonly subject: string | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Record<string, string> | undefined;
  readonly configMediaType: string | undefined;
}

/** Reads the bytes of a manifest that was sent as `mediaType`, or throws MANIFEST_INVALID. */
export function parseManifest(bytes: Buffer, mediaType: string): ManifestContent {
  if (!manifestMediaTypes.includes(mediaType)) {
    throw invalid(`The media type ${mediaType.slice(0, 255)} is not that of a manifest.`);
  }
  const parsed = Manifest.safeParse(parseJson(bytes));
  if (!parsed.success) throw invalid('The manifest does not have the shape of its media type.', parsed.error);
  const flaw = flawOf(parsed.data, mediaType);
  if (flaw !== undefined) throw invalid(flaw);
  return contentOf(parsed.data);
}

function flawOf(manifest: Manifest, mediaType: string): string | undefined {
  if ((manifest.mediaType ?? mediaType) !== mediaType)
    return 'The Content-Type and the mediaType inside differ.';
  if (indexMediaTypes.includes(mediaType) && manifest.manifests === undefined)
    return 'An index needs manifests.';
  const complete = manifest.config !== undefined && manifest.layers !== undefined;
  if (imageMediaTypes.includes(mediaType) && !complete) return 'An image manifest needs config and layers.';
  return undefined;
}

function contentOf(manifest: Manifest): ManifestContent {
  const { config } = manifest;
  return {
    blobs: storedBlobs(manifest),
    manifests: (manifest.manifests ?? []).map(({ digest }) => digest),
    subject: manifest.subject?.digest,
    // Distribution specification 1.1, "Listing Referrers": the config's media type stands in.
    artifactType: manifest.artifactType ?? config?.mediaType,
    annotations: manifest.annotations,
    configMediaType: config?.mediaType,
  };
}

function storedBlobs({ config, layers = [], blobs = [] }: Manifest): string[] {
  const parts = [...layers, ...blobs].filter((layer) => !livesElsewhere(layer));
  return [...(config === undefined ? [] : [config]), ...parts].map(({ digest }) => digest);
}

/** Windows base layers and the like may be named without being pushed. */
function livesElsewhere(layer: Descriptor): boolean {
  return (layer.urls?.length ?? 0) > 0 || /\.foreign\.|\.nondistributable\./.test(layer.mediaType);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid('The manifest is not JSON.', cause);
  }
}

function invalid(message: string, cause?: unknown): RegistryError {
  return new RegistryError('MANIFEST_INVALID', message, { cause });
}
