import type { Dispatcher } from 'undici';
import { OciError } from './oci-error.js';
import { requestToken } from './request-token.js';
import { TokenCache } from './token-cache.js';
import type { TokenSource } from './token-source.js';

/** For what everybody may pull. Most registries want a token even for that. */
export function anonymousTokens(options: { agent?: Dispatcher } = {}): TokenSource {
  const cache = new TokenCache();
  return {
    async authorization(challenge, scopes, signal) {
      if (challenge.scheme === 'basic') {
        throw new OciError('The registry wants a user and password: add `credentials` to it.', {
          code: 'not-authenticated',
          operation: 'get-token',
        });
      }
      const { realm, service } = challenge;
      const token = await cache.get(
        JSON.stringify([realm, service, scopes]),
        () => requestToken({ realm, service, scopes, ...options }),
        signal,
      );
      return `Bearer ${token}`;
    },
    forget(authorization) {
      cache.forget(authorization.slice('Bearer '.length));
    },
  };
}
