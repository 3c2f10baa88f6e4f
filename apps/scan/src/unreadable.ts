import { OciError, type OciErrorCode } from '@pratique/oci';
import { UnscannableError } from './layers/unscannable-error.js';
import type { Unreadable } from './verdict.js';

/** Codes that tell something of the image, and not of the registry or of who asked it. */
const reasons: Partial<Record<OciErrorCode, Unreadable['reason']>> = {
  'digest-mismatch': 'digest-mismatch',
  'image-not-copyable': 'not-readable',
  'limit-exceeded': 'limit-exceeded',
  // The image is there, and names something that is not.
  'not-found': 'not-readable',
  'unsupported-manifest': 'not-readable',
};

/** What a failure to read says of the image; undefined when it says something else. */
export function unreadableBy(error: unknown): Unreadable | undefined {
  if (error instanceof UnscannableError) return { reason: error.code, message: error.message };
  if (!(error instanceof OciError)) return undefined;
  const reason = reasons[error.code];
  return reason && { reason, message: error.message };
}
