import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@pratique/config';

// Drawn at each start, so that the values compared below cannot be prepared by whoever sends the candidate.
const comparisonKey = randomBytes(32).toString('hex');

/** Of secrets that live as long as the configuration, so that a delivery costs one hash and not two. */
const hashes = new WeakMap<Secret, Buffer>();

/**
 * Whether a candidate from outside is the secret. Every comparison with a secret goes through here.
 *
 * Both sides are put through a keyed hash first: `timingSafeEqual` throws on different lengths, and comparing the
 * lengths before it would tell a sender how long the secret is.
 */
export function sameSecret(candidate: string, secret: Secret): boolean {
  return timingSafeEqual(keyedHash(candidate), hashOf(secret));
}

function hashOf(secret: Secret): Buffer {
  const known = hashes.get(secret) ?? keyedHash(secret.reveal());
  hashes.set(secret, known);
  return known;
}

function keyedHash(text: string): Buffer {
  // Nobody sees the hash, so it need not be an HMAC, whose set-up costs five times as much.
  return hash('sha256', comparisonKey + text, 'buffer');
}
