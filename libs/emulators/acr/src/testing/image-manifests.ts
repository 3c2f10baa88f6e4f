import { sha256Of } from '../registry/image-names.js';

/** A manifest as it goes over the wire. */
export interface Manifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

export interface ImageParts {
  readonly config: Buffer;
  readonly layers: readonly Buffer[];
  /** More fields of the manifest: subject, artifactType, annotations. */
  readonly more?: Record<string, unknown>;
}

export const imageType = 'application/vnd.oci.image.manifest.v1+json';
export const indexType = 'application/vnd.oci.image.index.v1+json';

function manifestOf(mediaType: string, content: object): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { mediaType, bytes, digest: sha256Of(bytes) };
}

function descriptor(mediaType: string, bytes: Buffer): object {
  return { mediaType, digest: sha256Of(bytes), size: bytes.length };
}

export function imageManifest({ config, layers, more }: ImageParts): Manifest {
  return manifestOf(imageType, {
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map((layer) => descriptor('application/vnd.oci.image.layer.v1.tar', layer)),
    ...more,
  });
}

export function indexManifest(children: readonly Manifest[]): Manifest {
  return manifestOf(indexType, {
    manifests: children.map(({ mediaType, bytes }) => descriptor(mediaType, bytes)),
  });
}

/** The `subject` of a manifest that refers to another. */
export function subjectOf({ mediaType, bytes }: Manifest): { subject: object } {
  return { subject: descriptor(mediaType, bytes) };
}
