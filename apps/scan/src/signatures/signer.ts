import { z } from 'zod';

/** Who has signed: the holder of a key, by its SHA-256 (of the SPKI, in hex), or whom a certificate names. */
export const Signer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key'), fingerprint: z.string() }),
  z.object({ kind: z.literal('certificate'), issuer: z.string(), subject: z.string() }),
]);
export type Signer = z.infer<typeof Signer>;

/** One name for one signer, so that they can be counted and shown. */
export function nameOf(signer: Signer): string {
  return signer.kind === 'key' ? `key ${signer.fingerprint}` : `${signer.subject} (by ${signer.issuer})`;
}
