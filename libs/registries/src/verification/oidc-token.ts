import { errors, jwtVerify, type JWTPayload } from 'jose';
import type { RawWebhook } from '../raw-webhook.js';
import type { Refusal } from '../refusal.js';
import { headerValue } from './header-secret.js';
import { notAuthenticated, noWebhook } from './live-secrets.js';
import type { TrustSources } from './trust-sources.js';
import { admit, type Verified } from './verified.js';

/** What a token must say to be taken, all of it from settings. */
export interface ExpectedToken {
  /** Where the issuer publishes its keys. */
  keys: string;
  issuers: readonly string[];
  audience: string;
  /** The account in whose name the sender speaks. */
  email: string;
}

// Clocks of senders and receivers differ by seconds; Google's own libraries allow as much.
const clockToleranceSeconds = 60;
const bearer = /^Bearer +(\S+)$/i;

/**
 * For senders that prove themselves with a signed token of their identity provider (OpenID Connect).
 *
 * The account is as important as the audience: whoever has any account at the provider can obtain a token for any audience.
 */
export async function verifyOidcToken(
  request: RawWebhook,
  expected: ExpectedToken | undefined,
  sources: TrustSources,
): Promise<Verified | Refusal> {
  if (expected === undefined) return noWebhook();
  const token = bearer.exec(headerValue(request, 'authorization') ?? '')?.[1];
  if (token === undefined) return notAuthenticated('there is no bearer token in the header authorization');
  try {
    const { payload } = await jwtVerify(token, sources.keys(expected.keys), {
      algorithms: ['RS256'],
      issuer: [...expected.issuers],
      audience: expected.audience,
      requiredClaims: ['exp', 'iat', 'email'],
      clockTolerance: clockToleranceSeconds,
      currentDate: request.receivedAt,
    });
    return isFrom(expected.email, payload)
      ? admit(request)
      : notAuthenticated('the token is of another account than the configured one');
  } catch (error) {
    if (error instanceof errors.JOSEError) return notAuthenticated(`the token does not hold (${error.code})`);
    throw error;
  }
}

function isFrom(email: string, { email: sent, email_verified: verified }: JWTPayload): boolean {
  return sent === email && verified === true;
}
