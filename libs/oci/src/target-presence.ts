import type { Digest } from '@pratique/contracts';
import type { CopyJob } from './copy-job.js';
import { OciError, onSide } from './oci-error.js';

/** Quarantined: there, but not shown to us until somebody has given a verdict. */
export type Presence = 'absent' | 'shown' | 'quarantined';

/**
 * Whether the target has a manifest. ACR answers 403 `IMAGE_QUARANTINED` to an identity that may push but not read
 * what waits for its verdict (https://github.com/Azure/acr/issues/210): the manifest has arrived then, and that is all
 * that a copy can see.
 */
export async function presenceAtTarget(
  { target }: CopyJob,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Presence> {
  try {
    const found = await onSide('target', () => target.client.resolve(target.repository, digest, { signal }));
    return found === undefined ? 'absent' : 'shown';
  } catch (error) {
    if (error instanceof OciError && error.registryCodes.includes('IMAGE_QUARANTINED')) return 'quarantined';
    throw error;
  }
}
