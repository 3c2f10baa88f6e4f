import type { Digest, Tag } from '@pratique/contracts';
import { copyGraph } from './copy-graph.js';
import type { CopyJob } from './copy-job.js';
import { cosignTags, supersedes } from './cosign-tags.js';
import type { Manifest } from './manifest.js';
import { onSide } from './oci-error.js';
import { moveTag } from './move-tag.js';
import { walkImage } from './walk-image.js';

/**
 * Copies what cosign keeps under tags named after a digest.
 *
 * @returns the digests of what the source has there
 */
export async function copyCosignTags(job: CopyJob, subject: Digest, signal: AbortSignal): Promise<Digest[]> {
  const found: Digest[] = [];
  for (const tag of cosignTags(subject)) {
    const digest = await copyCosignTag(job, tag, signal);
    if (digest !== undefined) found.push(digest);
  }
  return found;
}

async function copyCosignTag(job: CopyJob, tag: Tag, signal: AbortSignal): Promise<Digest | undefined> {
  const { source, target } = job;
  const ours = await onSide('source', () => source.client.resolve(source.repository, tag, { signal }));
  if (ours === undefined) return undefined;
  const { digest } = ours;
  const theirs = await onSide('target', () => target.client.resolve(target.repository, tag, { signal }));
  if (theirs?.digest !== digest) {
    const image = { repository: source.repository, digest };
    const graph = await onSide('source', () =>
      walkImage(source.client, image, { limits: job.limits, signal }),
    );
    if (
      theirs !== undefined &&
      !(await mayReplace(job, { ours: graph.root, theirs: theirs.digest, signal }))
    ) {
      return undefined;
    }
    await copyGraph(job, graph, { signal });
    await moveTag(job, { tag, digest, named: theirs?.digest, graph: () => Promise.resolve(graph), signal });
  }
  job.did({ step: 'referrer', digest });
  return digest;
}

async function mayReplace(
  { target }: CopyJob,
  { ours, theirs, signal }: { ours: Manifest; theirs: Digest; signal: AbortSignal },
): Promise<boolean> {
  const held = await onSide('target', () => target.client.manifest(target.repository, theirs, { signal }));
  return supersedes(ours.document, held.document);
}
