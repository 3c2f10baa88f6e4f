import type { Digest, Tag } from '@pratique/contracts';
import type { CopyJob } from './copy-job.js';
import type { Manifest } from './manifest.js';
import { OciError, onSide } from './oci-error.js';

export interface TagMove {
  tag: Tag;
  digest: Digest;
  /** Asked for only when the tag is somewhere else. */
  root: () => Promise<Manifest>;
  signal?: AbortSignal | undefined;
}

/**
 * Lets a tag of the target name a manifest that the target has. A tag that does so already is left alone.
 *
 * @returns whether it had to be moved
 */
export async function moveTag(job: CopyJob, move: TagMove): Promise<boolean> {
  const { tag, signal } = move;
  if (await tagNames(job, move)) {
    job.did({ step: 'tag', how: 'present', tag });
    return false;
  }
  const { bytes, descriptor } = await move.root();
  const { client, repository } = job.target;
  try {
    await client.putManifest(repository, tag, { bytes, mediaType: descriptor.mediaType, signal });
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    // Somebody else may have moved it there and locked it; then there is nothing left to do.
    const done = error.code === 'tag-locked' && (await tagNames(job, move));
    if (!done) throw error.at('target');
  }
  job.did({ step: 'tag', how: 'moved', tag });
  return true;
}

/** Whether a tag of the target names a digest. */
export async function tagNames(
  { target }: CopyJob,
  { tag, digest, signal }: Pick<TagMove, 'tag' | 'digest' | 'signal'>,
): Promise<boolean> {
  const named = await onSide('target', () => target.client.resolve(target.repository, tag, { signal }));
  return named?.digest === digest;
}
