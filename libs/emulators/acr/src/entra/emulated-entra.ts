import { randomBytes, randomUUID } from 'node:crypto';

import { z } from 'zod';

import { openToken, signToken } from '../auth/signed-token.js';

/** Audience of tokens for Azure Resource Manager. */
export const armAudience = 'https://management.azure.com';

/** Audience of tokens that a registry exchanges for its own. */
export const containerRegistryAudience = 'https://containerregistry.azure.net';

export interface EmulatedEntraOptions {
  /** Signing key. Give the same to emulators in several processes; without it each has a random one. */
  readonly secret?: string;
  readonly tenantId?: string;
  /** Real Entra tokens last 60 to 90 minutes. */
  readonly tokenLifetimeSeconds?: number;
  /** Milliseconds since 1970; tests move it to let tokens expire. */
  readonly now?: () => number;
}

export interface EntraAccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp: number;
}

/** Issues and checks access tokens as Microsoft Entra ID would, signed with a key that only the emulators know. */
export interface EmulatedEntra {
  readonly tenantId: string;
  /** A token for a principal. The audience is a resource such as `https://management.azure.com`. */
  issue(objectId: string, audience: string): EntraAccessToken;
  /** The object id in a token that is genuine, unexpired and meant for one of the audiences; else undefined. */
  principalOf(token: string, audiences: readonly string[]): string | undefined;
}

const EntraClaims = z.object({ aud: z.string(), oid: z.string() });

function audienceOf(resource: string): string {
  return resource.replace(/\/+$/, '');
}

/** Makes an emulated Entra tenant. */
export function emulatedEntra(options: EmulatedEntraOptions = {}): EmulatedEntra {
  const key = options.secret ?? randomBytes(32).toString('base64');
  const tenantId = options.tenantId ?? randomUUID();
  const now = options.now ?? Date.now;
  const lifetime = options.tokenLifetimeSeconds ?? 3600;
  return {
    tenantId,
    issue: (objectId, audience) => {
      const issuedAt = Math.floor(now() / 1000);
      const exp = issuedAt + lifetime;
      const claims = {
        aud: audienceOf(audience),
        oid: objectId,
        sub: objectId,
        tid: tenantId,
        iat: issuedAt,
        exp,
      };
      return { token: signToken(claims, key), expiresOnTimestamp: exp * 1000 };
    },
    principalOf: (token, audiences) => {
      const claims = EntraClaims.safeParse(openToken(token, key, now() / 1000));
      if (!claims.success || !audiences.includes(claims.data.aud)) return undefined;
      return claims.data.oid;
    },
  };
}
