import { type Digest, digestOf } from '@pratique/contracts';
import { type Descriptor, isIndex, type Manifest, type Platform } from '@pratique/oci';
import { z } from 'zod';

const platformSyntax = /^[a-z0-9]+\/[a-z0-9_.]+(\/[a-z0-9.]+)?$/;

/** The setting `platforms` of a rule. */
export const Platforms = z.strictObject({
  keep: z
    .array(z.string().max(100).regex(platformSyntax, 'is not a platform such as linux/amd64 or linux/arm/v7'))
    .min(1, 'is empty, so that nothing would be left of any image')
    .max(50),
  /** Has to be said, so that nobody is surprised. */
  changeDigest: z
    .boolean()
    .default(false)
    .refine(
      (agreed) => agreed,
      'must be true: an index with fewer platforms has another digest, and no signature of the original is valid for it',
    ),
});
export type Platforms = z.infer<typeof Platforms>;

/** An index of which some platforms were left out: what it is, and what belongs to it. */
export interface PlatformSubset {
  digest: Digest;
  mediaType: string;
  bytes: Buffer;
  children: Descriptor[];
}

/**
 * Leaves out of an index every platform that is not kept, and the attestations of those.
 *
 * The same index and platforms always give the same bytes, so that a copy that is repeated finds its work done. Fields that
 * the specification does not know are kept as they are.
 *
 * @returns `whole` when every child stays, `none` when no child does
 */
export function platformSubset(index: Manifest, platforms: Platforms): PlatformSubset | 'whole' | 'none' {
  if (!isIndex(index.document)) return 'whole';
  const children = index.document.manifests;
  const kept = new Set(
    children.filter((child) => keeps(platforms, child.platform)).map(({ digest }) => digest),
  );
  if (kept.size === 0) return 'none';
  const stays = (child: Descriptor): boolean =>
    kept.has(child.digest) || kept.has(subjectOf(child) as Digest);
  if (children.every(stays)) return 'whole';
  const json = JSON.parse(index.bytes.toString('utf8')) as { manifests: unknown[] };
  const rest = { ...json, manifests: json.manifests.filter((_, at) => stays(children[at] as Descriptor)) };
  const bytes = Buffer.from(JSON.stringify(rest));
  return {
    digest: digestOf(bytes),
    mediaType: index.descriptor.mediaType,
    bytes,
    children: children.filter(stays),
  };
}

/** Whether a platform is among those kept. `linux/arm` stands for every variant of it. */
export function keeps({ keep }: Platforms, platform: Platform | undefined): boolean {
  if (platform === undefined) return false;
  const { os, architecture, variant } = platform;
  const name = `${os}/${architecture}`;
  return keep.includes(name) || (variant !== undefined && keep.includes(`${name}/${variant}`));
}

// BuildKit lists an image's attestations beside it: https://docs.docker.com/build/metadata/attestations/attestation-storage/
function subjectOf({ annotations }: Descriptor): string | undefined {
  return annotations?.['vnd.docker.reference.digest'];
}
