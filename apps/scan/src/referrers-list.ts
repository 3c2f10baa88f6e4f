import type { RegistryEvent, Tag } from '@pratique/contracts';

/**
 * Whether an event is about the list of what is attached to an image, which clients write under a tag where a registry has no
 * referrers API. It names attachments, and is none; scanning and attesting it would write the next list, for ever. Whoever
 * gives an image such a tag keeps it from being cleared, and nothing else.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function isReferrersList({ data: { tag } }: RegistryEvent): boolean {
  return tag !== undefined && isReferrersTag(tag);
}

export function isReferrersTag(tag: Tag): boolean {
  return /^sha(?:256|512)-[0-9a-f]{64}$/.test(tag);
}
