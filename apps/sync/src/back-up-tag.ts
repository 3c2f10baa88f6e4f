import { type Digest, Tag } from '@pratique/contracts';
import { onSide } from '@pratique/oci';
import { digestAt, type Move } from './move.js';

const backup = /\.backup-[0-9a-f]{12}$/;
const maxTagLength = 128;

/** The tag that keeps an image whose own tag is about to be moved: the same image always gets the same one. */
export function backupTag(tag: Tag, digest: Digest): Tag {
  const suffix = `.backup-${digest.slice(digest.indexOf(':') + 1).slice(0, 12)}`;
  return Tag.parse(`${tag.slice(0, maxTagLength - suffix.length)}${suffix}`);
}

/** Whether a tag was made by {@link backUpTag}, so that no source is expected to have it. */
export function isBackupTag(tag: string): boolean {
  return backup.test(tag);
}

/**
 * Gives what the target's tag names a second tag. It costs one manifest: its blobs are there, and what refers to it refers
 * to its digest.
 */
export async function backUpTag({ copy, target, signal }: Move, named: Digest): Promise<Tag> {
  const { repository, tag } = copy.target;
  const kept = backupTag(tag, named);
  const present = await digestAt(target, { repository, reference: kept }, { side: 'target', signal });
  if (present === named) return kept;
  await onSide('target', async () => {
    const { bytes, descriptor } = await target.client.manifest(repository, named, { signal });
    await target.client.putManifest(repository, kept, { bytes, mediaType: descriptor.mediaType, signal });
  });
  return kept;
}
