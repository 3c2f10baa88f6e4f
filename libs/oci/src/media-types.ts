/**
 * The media types that Pratique knows how to copy.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md
 */
export const mediaType = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const indexTypes: readonly string[] = [mediaType.ociIndex, mediaType.dockerList];
const imageTypes: readonly string[] = [mediaType.ociManifest, mediaType.dockerManifest];

/** The value of `Accept` for every manifest request: a registry converts or refuses what a client does not list. */
export const acceptedManifests = [...indexTypes, ...imageTypes].join(', ');

/** Whether a media type is that of a list of other manifests. */
export function isIndexType(type: string): boolean {
  return indexTypes.includes(type);
}

/** Whether a media type is one of the four manifest types that can be read. */
export function isManifestType(type: string): boolean {
  return indexTypes.includes(type) || imageTypes.includes(type);
}

/** The type of a `Content-Type` header, without its parameters (`; charset=utf-8`) and in lower case. */
export function bareMediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}
