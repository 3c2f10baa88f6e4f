import { ImagePattern, Network, type Secret, SecretReference } from '@pratique/config';
import { z } from 'zod';

// RFC 9110, section 5.1: a field name is a token.
const headerName = z
  .string()
  .max(64)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header');

/** How many authenticated deliveries a registry may make: so many a second, and so many at once after a rest. */
export const RateLimit = z.strictObject({
  perSecond: z.number().positive().max(100_000).describe('Deliveries a second in the long run'),
  burst: z.int().min(1).max(1_000_000).describe('Deliveries at once, after a rest'),
});
export type RateLimit = z.output<typeof RateLimit>;

/**
 * What a registry may send unless its settings say otherwise. Far above what registries send: some try once and never again,
 * so an answer of 429 can be a loss.
 */
export const usualRateLimit: RateLimit = { perSecond: 200, burst: 2_000 };

/** What every webhook has, however it proves itself. */
export const anyWebhook = {
  allowFrom: z
    .array(Network)
    .min(1, 'is empty, which would refuse everybody: name networks, or leave it out to allow all')
    .max(1000)
    .optional()
    .describe(
      'Networks (CIDR, IPv4 and IPv6) that deliveries may come from; behind proxies, `http.trustedProxies` must state how many',
    ),
  rateLimit: RateLimit.optional().describe(
    `Above it, deliveries are answered 429 with Retry-After; without it, ${usualRateLimit.perSecond} a second and ${usualRateLimit.burst} at once`,
  ),
  repositories: z
    .array(ImagePattern)
    .min(1, 'is empty, which would refuse everything: name repositories, or leave it out to allow all')
    .max(1000)
    .optional()
    .describe('Globs (* within a path segment, ** across); an event about any other repository is refused'),
};

const previousSecret = SecretReference.optional().describe('Accepted too, while the secret is being changed');

/** A webhook that repeats a secret in a header. */
export const WebhookSettings = z.strictObject({
  secret: SecretReference.describe('What the sender must send along'),
  previousSecret,
  header: headerName
    .optional()
    .describe('The header that holds the secret; without it, Authorization: Bearer <secret>'),
  ...anyWebhook,
});
export type WebhookSettings = z.output<typeof WebhookSettings>;

/** A webhook that signs its body with a secret which both sides know. */
export const SignedWebhook = z.strictObject({
  secret: SecretReference.describe('The key of the signatures, as it was entered at the sender'),
  previousSecret,
  ...anyWebhook,
});
export type SignedWebhook = z.output<typeof SignedWebhook>;

// 32 characters of a random alphabet hold at least 128 bits: more than can be tried over HTTP.
const minTokenLength = 32;
// The router looks at no longer part of an address (Fastify's maxParamLength).
const maxTokenLength = 100;

function isLongToken(secret: Secret): boolean {
  return new RegExp(`^[A-Za-z0-9_-]{${minTokenLength},${maxTokenLength}}$`).test(secret.reveal());
}

const PathToken = SecretReference.refine(isLongToken, {
  error: `is not a token of ${minTokenLength} to ${maxTokenLength} letters, digits, - and _: make one with \`openssl rand -hex 32\``,
});

/** A webhook whose sender can be told nothing but an address: the secret is the end of that address. */
export const PathWebhook = z.strictObject({
  secret: PathToken.describe('The end of the address: 32 to 100 letters, digits, - and _'),
  previousSecret: PathToken.optional().describe('Accepted too, while the address is being changed'),
  ...anyWebhook,
});
export type PathWebhook = z.output<typeof PathWebhook>;
