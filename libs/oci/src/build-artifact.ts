import {
  type BuiltImage,
  describeBytes,
  type DescribedBytes,
  describeJson,
  uniqueBytes,
} from './built-image.js';
import type { Descriptor } from './descriptor.js';
import { mediaType } from './media-types.js';

export interface ArtifactInput {
  /** Default, as ORAS: `application/vnd.unknown.artifact.v1`. */
  artifactType?: string;
  /** Contents by file name; the name becomes the title of its layer. */
  files: Record<string, string | Buffer>;
  /** Default, as ORAS: a plain layer type. */
  fileMediaType?: string;
  /** Default: the empty descriptor. Clients from before image-spec 1.1 say here what the artifact is. */
  config?: { mediaType: string; bytes: Buffer };
  annotations?: Record<string, string>;
  /** What the artifact is about: makes it a referrer of that. */
  subject?: Descriptor;
}

const titleAnnotation = 'org.opencontainers.image.title';

/**
 * Builds an artifact as `oras push` does, but without a creation time: the same input gives the same digest.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function buildArtifact(input: ArtifactInput): BuiltImage {
  const config = describeConfig(input);
  const layers = Object.entries(input.files).map(([name, content]) => describeFile(name, content, input));
  // The specification wants at least one layer: an artifact that is all annotations has the empty one.
  if (layers.length === 0) layers.push(describeBytes(Buffer.from('{}'), mediaType.ociEmpty));
  const manifest = describeJson(
    {
      schemaVersion: 2,
      mediaType: mediaType.ociManifest,
      ...(input.config === undefined && { artifactType: artifactTypeOf(input) }),
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      ...(input.subject && { subject: plainDescriptor(input.subject) }),
      ...(input.annotations && { annotations: input.annotations }),
    },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: uniqueBytes([config, ...layers]) };
}

function artifactTypeOf({ artifactType = 'application/vnd.unknown.artifact.v1' }: ArtifactInput): string {
  return artifactType;
}

function describeConfig({ config }: ArtifactInput): DescribedBytes {
  if (config === undefined) return describeBytes(Buffer.from('{}'), mediaType.ociEmpty);
  return describeBytes(config.bytes, config.mediaType);
}

function describeFile(name: string, content: string | Buffer, input: ArtifactInput): DescribedBytes {
  const described = describeBytes(Buffer.from(content as string), input.fileMediaType ?? mediaType.ociLayer);
  return {
    ...described,
    descriptor: { ...described.descriptor, annotations: { [titleAnnotation]: name } },
  };
}

function plainDescriptor({ mediaType: type, digest, size }: Descriptor): Descriptor {
  return { mediaType: type, digest, size };
}
