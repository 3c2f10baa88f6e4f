import { z } from 'zod';

const Claims = z.object({ exp: z.number() });

/** What the token protocol promises when nothing is said: https://distribution.github.io/distribution/spec/auth/token/ */
const unsaidLifetimeMs = 60_000;

/**
 * How long a token may be cached. ACR leaves `expires_in` out, but its tokens are JWTs that say it; the signature is
 * not checked, for this only decides when to ask for the next one.
 *
 * @param expiresIn seconds, as the token answer said
 * @param now milliseconds since the epoch
 * @returns milliseconds
 */
export function tokenLifetimeMs(token: string, expiresIn?: number, now = Date.now()): number {
  if (expiresIn !== undefined) return expiresIn * 1000;
  const expiry = jwtExpiry(token);
  return expiry === undefined ? unsaidLifetimeMs : Math.max(0, expiry * 1000 - now);
}

/** Seconds since the epoch. */
function jwtExpiry(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    return Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).exp;
  } catch {
    // Not a JWT: tokens are opaque to clients, so nothing is wrong.
    return undefined;
  }
}
