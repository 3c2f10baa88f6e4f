import { blobMemoryOf } from './blob-memory.js';
import type { CopyJob } from './copy-job.js';
import type { Descriptor } from './descriptor.js';
import { OciError, onSide } from './oci-error.js';
import { getBlobOperation } from './read-blob.js';
import { transferPlaces } from './transfer-places.js';

export interface BlobCopy {
  signal: AbortSignal;
  /** Whether the target is asked for the blob before it is sent; default true. */
  ask?: boolean | undefined;
}

/** Makes sure that the target has a blob: it is known to be there, or is found, or is mounted, or is streamed from the source. */
export async function copyBlob(job: CopyJob, blob: Descriptor, { signal, ask }: BlobCopy): Promise<void> {
  const { digest, size: bytes } = blob;
  const { client, repository } = job.target;
  const memory = blobMemoryOf(client);
  const how = await memory.once({ repository, digest }, () => bringBlob(job, blob, { signal, ask }), signal);
  job.did({ step: 'blob', how: how ?? 'present', digest, bytes });
}

async function bringBlob(
  job: CopyJob,
  blob: Descriptor,
  { signal, ask = true }: BlobCopy,
): Promise<'present' | 'mounted' | 'copied'> {
  const { client, repository } = job.target;
  const present = (): Promise<boolean> => client.hasBlob(repository, blob.digest, { signal });
  if (ask && (await onSide('target', present))) return 'present';
  refuseForeign(blob);
  if (await mounted(job, blob, signal)) return 'mounted';
  await streamPatiently(job, blob, signal);
  return 'copied';
}

/**
 * Whether the image's maker keeps a layer elsewhere. Its address is the maker's to choose, so it is never contacted:
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#non-distributable-layers
 */
export function isForeign({ urls }: Descriptor): boolean {
  return urls !== undefined && urls.length > 0;
}

function refuseForeign(blob: Descriptor): void {
  if (!isForeign(blob)) return;
  throw new OciError(
    `The layer ${blob.digest} lies outside of the source registry; push it to the target first or build the image without it.`,
    { code: 'image-not-copyable', operation: 'copy-blob', side: 'source' },
  );
}

async function mounted(
  { source, target }: CopyJob,
  { digest }: Descriptor,
  signal: AbortSignal,
): Promise<boolean> {
  if (source.client.host !== target.client.host || source.repository === target.repository) return false;
  try {
    return await target.client.mountBlob(target.repository, digest, { from: source.repository, signal });
  } catch (error) {
    // The target's identity need not be allowed to read the source's repository: the bytes go the long way then.
    const refused =
      error instanceof OciError && ['access-refused', 'not-authenticated', 'not-found'].includes(error.code);
    if (refused) return false;
    throw error instanceof OciError ? error.at('target') : error;
  }
}

/** A connection that breaks in the middle of gigabytes is no reason to start the whole image again. */
async function streamPatiently(job: CopyJob, blob: Descriptor, signal: AbortSignal): Promise<void> {
  const places = transferPlaces(job.target.client);
  for (let attempt = 1; ; attempt++) {
    try {
      await places.during(() => stream(job, blob, signal), signal);
      return;
    } catch (error) {
      if (!(error instanceof OciError) || signal.aborted) throw error;
      const { client } = error.side === 'source' ? job.source : job.target;
      if (!(await client.waitToRepeat(error, { attempt, signal }))) throw error;
    }
  }
}

async function stream({ source, target }: CopyJob, blob: Descriptor, signal: AbortSignal): Promise<void> {
  const bytes = await onSide('source', () => source.client.blob(source.repository, blob, { signal }));
  try {
    await target.client.uploadBlob(target.repository, blob, { source: bytes, signal });
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw error.at(error.operation === getBlobOperation ? 'source' : 'target');
  }
}
