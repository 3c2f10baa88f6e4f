import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import type { BoundedFetch } from './bounded-fetch.js';
import { TrustSourceError } from './trust-source-error.js';

// Google changes its keys every few days, and announces each a day before its first use.
const cacheMaxAgeMs = 60 * 60_000;
// A token with an unknown key id makes us look again, at most this often: anybody can make up key ids.
const cooldownMs = 30_000;

/** Key sets by address. They come from the configuration, so there are as many as that has. */
export function keySetCache(fetch: BoundedFetch): (address: string) => JWTVerifyGetKey {
  const sets = new Map<string, JWTVerifyGetKey>();
  return (address) => {
    const known = sets.get(address);
    if (known !== undefined) return known;
    const set = createRemoteJWKSet(new URL(address), {
      cacheMaxAge: cacheMaxAgeMs,
      cooldownDuration: cooldownMs,
      [customFetch]: () => fetchKeys(fetch, address),
    });
    sets.set(address, set);
    return set;
  };
}

async function fetchKeys(fetch: BoundedFetch, address: string): Promise<Response> {
  const { status, text } = await fetch(address);
  if (status !== 200 || !isKeySet(text))
    throw new TrustSourceError('unusable', `there is no JSON Web Key Set at ${address}: check the setting`);
  return new Response(text);
}

function isKeySet(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);
  } catch {
    return false;
  }
}
