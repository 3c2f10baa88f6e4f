import { type Digest, Tag } from '@pratique/contracts';
import { fallbackTag } from './list-referrers.js';
import { isIndex, type ManifestDocument } from './manifest.js';

/** Signature, attestations, SBOM. https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#tag-based-discovery */
const suffixes = ['sig', 'att', 'sbom'];

/** The tags under which cosign keeps what belongs to a manifest, where it does not use referrers. */
export function cosignTags(digest: Digest): Tag[] {
  return suffixes.map((suffix) => Tag.parse(`${fallbackTag(digest)}.${suffix}`));
}

/**
 * Whether one of cosign's manifests holds everything that another does. Each signature is a layer; the target's
 * manifest may only be replaced by one that loses no signature which somebody made at the target.
 */
export function supersedes(ours: ManifestDocument, theirs: ManifestDocument): boolean {
  if (isIndex(ours) || isIndex(theirs)) return false;
  const held = new Set(ours.layers.map(({ digest }) => digest));
  return theirs.layers.every(({ digest }) => held.has(digest));
}
