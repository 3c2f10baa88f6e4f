import { untagAcr } from '@pratique/acr';
import { OciError, onSide } from '@pratique/oci';
import { isAzureRegistry } from '@pratique/registries';
import type { RegistryConnection } from '@pratique/registry-access';
import type { TaggedImage } from './planned-copy.js';

/** The registry cannot take a tag away and leave its manifest, which other tags may name. */
export class TagsNotDeletable extends Error {
  override readonly name = 'TagsNotDeletable';
}

/**
 * Takes a tag away from the target. The manifest stays: another tag may name it, and the registry's own retention removes
 * what no tag names.
 *
 * @returns false when there was none
 * @throws OciError, with `tag-locked` for a tag that may not be deleted; TagsNotDeletable
 */
export async function removeTag(
  { settings, client }: RegistryConnection,
  { repository, tag }: TaggedImage,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await onSide('target', () =>
      isAzureRegistry(settings)
        ? untagAcr(client, repository, { tag, signal })
        : client.deleteManifest(repository, tag, { signal }),
    );
  } catch (error) {
    throw error instanceof OciError ? refused(error, tag) : error;
  }
}

// Distribution 2 takes digests only (400 DIGEST_INVALID), and answers 405 UNSUPPORTED while deletion is switched off.
const unsupported = ['UNSUPPORTED', 'DIGEST_INVALID'];
const lockedStatuses = [405, 409, 412];

function refused(error: OciError, tag: string): Error {
  const { status = 0, registryCodes } = error;
  if (unsupported.some((code) => registryCodes.includes(code)))
    return new TagsNotDeletable(
      `The target cannot delete the tag ${tag} by itself: ${error.message} Switch deletion on there, or write delete: keep.`,
      { cause: error },
    );
  return lockedStatuses.includes(status)
    ? error.meaning('tag-locked', `The tag ${tag} may not be deleted: ${error.message}`)
    : error;
}
