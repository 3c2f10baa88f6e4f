import {
  type ArtifactInput,
  buildArtifact,
  buildImage,
  buildIndex,
  type BuiltImage,
  type ImageInput,
} from '@pratique/oci';

/** A container image, by default of one layer with one file. */
export async function imageOf(input: Partial<ImageInput> = {}): Promise<BuiltImage> {
  return await buildImage({ layers: [{ 'etc/motd': 'hello\n' }], ...input });
}

/** An artifact as `oras push` makes it, from contents by file name. */
export function artifactOf(
  files: ArtifactInput['files'],
  options: Omit<ArtifactInput, 'files'> = {},
): BuiltImage {
  return buildArtifact({ files, ...options });
}

/** An index of images of several platforms, or of whatever else was built. */
export function indexOf(images: readonly BuiltImage[]): BuiltImage {
  const architectures = ['amd64', 'arm64', 'arm', 's390x', 'ppc64le', 'riscv64'];
  return buildIndex(
    images.map((image, position) => ({
      image,
      platform: { os: 'linux', architecture: architectures[position % architectures.length] ?? 'amd64' },
    })),
  );
}
