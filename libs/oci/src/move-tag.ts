import type { Digest, Tag } from '@pratique/contracts';
import { copyGraphAnew, isPartMissing } from './copy-graph.js';
import type { CopyJob } from './copy-job.js';
import type { ImageGraph } from './image-graph.js';
import { OciError, onSide } from './oci-error.js';

export interface TagMove {
  tag: Tag;
  digest: Digest;
  /** What it names at the target, as far as is known. */
  named: Digest | undefined;
  /** Asked for only when the tag is somewhere else. */
  graph: () => Promise<ImageGraph>;
  signal?: AbortSignal | undefined;
}

/**
 * Lets a tag of the target name a manifest that the target has. A tag that does so already is left alone.
 *
 * @returns whether it had to be moved
 */
export async function moveTag(job: CopyJob, move: TagMove): Promise<boolean> {
  const { tag, digest, named } = move;
  if (named === digest) {
    job.did({ step: 'tag', how: 'present', tag });
    return false;
  }
  const graph = await move.graph();
  try {
    await putTag(job, move, graph);
  } catch (error) {
    // The target has lost a part since it was asked for it, or never had it.
    if (!isPartMissing(error)) throw error;
    await copyGraphAnew(job, graph, move.signal);
    await putTag(job, move, graph);
  }
  job.did({ step: 'tag', how: 'moved', tag });
  return true;
}

async function putTag(job: CopyJob, move: TagMove, { root }: ImageGraph): Promise<void> {
  const { client, repository } = job.target;
  const { bytes, descriptor } = root;
  const { tag, signal } = move;
  try {
    await client.putManifest(repository, tag, { bytes, mediaType: descriptor.mediaType, signal });
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    // Somebody else may have moved it there and locked it; then there is nothing left to do.
    const done = error.code === 'tag-locked' && (await tagNames(job, move));
    if (!done) throw error.at('target');
  }
}

/** Whether a tag of the target names a digest. */
export async function tagNames(
  { target }: CopyJob,
  { tag, digest, signal }: Pick<TagMove, 'tag' | 'digest' | 'signal'>,
): Promise<boolean> {
  const named = await onSide('target', () => target.client.resolve(target.repository, tag, { signal }));
  return named?.digest === digest;
}
