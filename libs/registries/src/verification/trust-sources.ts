import type { X509Certificate } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import { boundedFetch, type BoundedFetch } from './bounded-fetch.js';
import { certificateCache } from './certificate-cache.js';
import { keySetCache } from './key-set-cache.js';
import { TrustSourceError } from './trust-source-error.js';

/**
 * What proofs are checked against and must be fetched first. All addresses come from settings: a kind that finds one in a
 * delivery compares it with what the settings allow before it asks here.
 */
export interface TrustSources {
  /** The certificate at an https address, or undefined when that address holds none. */
  certificate(address: string): Promise<X509Certificate | undefined>;
  /** The keys of a JSON Web Key Set at an https address. */
  keys(address: string): JWTVerifyGetKey;
  /** Fetches an address for its effect alone: confirming a subscription. */
  visit(address: string): Promise<void>;
}

/** Trust sources that remember what they fetched; make one for as long as the service runs. */
export function trustSources(fetch: BoundedFetch = boundedFetch): TrustSources {
  return {
    certificate: certificateCache(fetch),
    keys: keySetCache(fetch),
    visit: (address) => visit(fetch, address),
  };
}

async function visit(fetch: BoundedFetch, address: string): Promise<void> {
  const { status } = await fetch(address);
  if (status >= 300)
    throw new TrustSourceError(
      'unusable',
      `${new URL(address).host} answered the confirmation with ${status}`,
    );
}
