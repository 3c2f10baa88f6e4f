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
    if (error instanceof OciError && error.registryCodes.includes('IMAGE_QUARANTINED')) return 'quarantined';
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
