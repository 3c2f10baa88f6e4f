import { createHmac } from 'node:crypto';

import { z } from 'zod';

import { sameSecret } from './same-secret.js';

/** Longer tokens are refused unread. */
const maxTokenCharacters = 16_384;

const Lifetime = z.looseObject({ exp: z.number() });

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signature(content: string, key: string): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}

/** Signs claims as a JSON Web Token (HS256). The claims carry their own `exp`, in seconds. */
export function signToken(claims: Readonly<Record<string, unknown>>, key: string): string {
  const content = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${content}.${signature(content, key)}`;
}

/**
 * The claims of a token that `key` signed and that has not expired at `nowSeconds`; undefined for anything else.
 * The header is not read: there is one algorithm, and a token that names another fails on its signature.
 */
export function openToken(
  token: string,
  key: string,
  nowSeconds: number,
): Record<string, unknown> | undefined {
  if (token.length > maxTokenCharacters) return undefined;
  const [header, payload, given, ...rest] = token.split('.');
  if (payload === undefined || given === undefined || rest.length > 0) return undefined;
  if (!sameSecret(given, signature(`${header}.${payload}`, key))) return undefined;
  const claims = Lifetime.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  return claims.success && claims.data.exp > nowSeconds ? claims.data : undefined;
}
