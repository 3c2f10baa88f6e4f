import type { Dispatcher } from 'undici';
import { requestToken } from './request-token.js';
import { TokenCache } from './token-cache.js';
import type { TokenSource } from './token-source.js';

export interface BasicTokensOptions {
  username: string;
  /** Read anew for every use, so that a rotated secret takes effect without a restart. */
  password: () => string;
  agent?: Dispatcher;
}

/** User and password: traded for tokens where the registry hands out tokens, sent along where it takes them directly. */
export function basicTokens(options: BasicTokensOptions): TokenSource {
  const cache = new TokenCache();
  const { username, password, agent } = options;
  const basic = (): string => `Basic ${Buffer.from(`${username}:${password()}`).toString('base64')}`;
  return {
    async authorization(challenge, scopes, signal) {
      if (challenge.scheme === 'basic') return basic();
      const { realm, service } = challenge;
      const token = await cache.get(
        JSON.stringify([realm, service, scopes]),
        () => requestToken({ realm, service, scopes, authorization: basic(), agent }),
        signal,
      );
      return `Bearer ${token}`;
    },
    forget(authorization) {
      if (authorization.startsWith('Bearer ')) cache.forget(authorization.slice('Bearer '.length));
    },
  };
}
