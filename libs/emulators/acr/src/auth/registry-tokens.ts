import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Grant } from './grant-access.js';
import { openToken, signToken } from './signed-token.js';

/** What the registry's own tokens last, in seconds. Azure's: about 3 hours and 75 minutes. */
export interface TokenLifetimes {
  readonly refreshSeconds: number;
  readonly accessSeconds: number;
}

export const azureTokenLifetimes: TokenLifetimes = { refreshSeconds: 3 * 3600, accessSeconds: 75 * 60 };

export interface RegistryTokensOptions {
  readonly key: string;
  /** Audience: a token of one registry is worth nothing at another. */
  readonly registry: string;
  readonly lifetimes: TokenLifetimes;
  readonly now: () => number;
}

const issuer = 'Azure Container Registry';

const RefreshClaims = z.object({ aud: z.string(), sub: z.string(), grant_type: z.literal('refresh_token') });
const AccessClaims = z.object({
  aud: z.string(),
  sub: z.string(),
  grant_type: z.literal('access_token'),
  access: z.array(
    z.object({ Type: z.enum(['repository', 'registry']), Name: z.string(), Actions: z.array(z.string()) }),
  ),
});

/** Issues and reads the two kinds of token of a registry, with the claims that Azure's carry. */
export class RegistryTokens {
  readonly #options: RegistryTokensOptions;

  constructor(options: RegistryTokensOptions) {
    this.#options = options;
  }

  issueRefresh(subject: string): string {
    return this.#issue(this.#options.lifetimes.refreshSeconds, { sub: subject, grant_type: 'refresh_token' });
  }

  issueAccess(subject: string, grants: readonly Grant[]): string {
    const access = grants.map(({ type, name, actions }) => ({ Type: type, Name: name, Actions: actions }));
    return this.#issue(this.#options.lifetimes.accessSeconds, {
      sub: subject,
      grant_type: 'access_token',
      access,
    });
  }

  /** Whom a refresh token was issued to; undefined when it is not a valid one of this registry. */
  readRefresh(token: string): string | undefined {
    const claims = RefreshClaims.safeParse(this.#open(token));
    return claims.success && claims.data.aud === this.#options.registry ? claims.data.sub : undefined;
  }

  /** What an access token grants; undefined when it is not a valid one of this registry. */
  readAccess(token: string): Grant[] | undefined {
    const claims = AccessClaims.safeParse(this.#open(token));
    if (!claims.success || claims.data.aud !== this.#options.registry) return undefined;
    return claims.data.access.map(({ Type, Name, Actions }) => ({
      type: Type,
      name: Name,
      actions: Actions,
    }));
  }

  #issue(lifetimeSeconds: number, claims: Record<string, unknown>): string {
    const issuedAt = Math.floor(this.#options.now() / 1000);
    const standard = { iss: issuer, aud: this.#options.registry, version: '1.0', jti: randomUUID() };
    const times = { nbf: issuedAt, iat: issuedAt, exp: issuedAt + lifetimeSeconds };
    return signToken({ ...standard, ...times, ...claims }, this.#options.key);
  }

  #open(token: string): Record<string, unknown> | undefined {
    return openToken(token, this.#options.key, this.#options.now() / 1000);
  }
}
