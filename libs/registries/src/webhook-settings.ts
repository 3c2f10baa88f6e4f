import { ImagePattern, SecretReference } from '@pratique/config';
import { z } from 'zod';

// RFC 9110, section 5.1: a field name is a token.
const headerName = z
  .string()
  .max(64)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header');

/** How a registry's webhook proves itself, and about which repositories it may speak. */
export const WebhookSettings = z.strictObject({
  secret: SecretReference.describe('What the sender must send along'),
  previousSecret: SecretReference.optional().describe('Accepted too, while the secret is being changed'),
  header: headerName
    .optional()
    .describe('The header that holds the secret; without it, Authorization: Bearer <secret>'),
  repositories: z
    .array(ImagePattern)
    .min(1, 'is empty, which would refuse everything: name repositories, or leave it out to allow all')
    .max(1000)
    .optional()
    .describe('Globs (* within a path segment, ** across); an event about any other repository is refused'),
});
export type WebhookSettings = z.output<typeof WebhookSettings>;
