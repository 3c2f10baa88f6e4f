import type { Digest } from '@pratique/contracts';
import type { CopyJob } from './copy-job.js';
import type { Descriptor } from './descriptor.js';
import { OciError, onSide } from './oci-error.js';
import type { Reference } from './transfer-manifest.js';

/** Quarantined: there, but not shown to us until somebody has given a verdict. */
export type Presence = 'absent' | 'shown' | 'quarantined';

/**
 * Whether the target has a manifest, and what it says of it. ACR answers 403 `IMAGE_QUARANTINED` to an identity that may push
 * but not read what waits for its verdict (https://github.com/Azure/acr/issues/210): the manifest has arrived then, and that
 * is all that a copy can see.
 *
 * A registry that was killed while it noted a manifest or a tag down answers 500 to every question about it (CNCF Distribution
 * 2.8 writes its notes in place). That counts as absent: the copy writes the note afresh, and sees afterwards whether it is shown.
 */
export async function lookAtTarget(
  { target }: CopyJob,
  reference: Reference,
  signal: AbortSignal | undefined,
): Promise<Descriptor | 'absent' | 'quarantined'> {
  try {
    const found = await onSide('target', () =>
      target.client.resolve(target.repository, reference, { signal }),
    );
    return found ?? 'absent';
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    if (error.registryCodes.includes('IMAGE_QUARANTINED')) return 'quarantined';
    if (error.status === 500) return 'absent';
    throw error;
  }
}

/** The same, in a word. */
export async function presenceAtTarget(
  job: CopyJob,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Presence> {
  const found = await lookAtTarget(job, digest, signal);
  return typeof found === 'string' ? found : 'shown';
}
