import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isSignedBy, keyIdOf } from './signing-scheme.js';
import type { StatementSigner } from './statement-signer.js';

// Two for a rotation, and some for others who sign as well.
const maxSignatures = 10;

/** A signed payload. https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md */
export const DsseEnvelope = z.object({
  payload: z.base64(),
  payloadType: z.string().min(1).max(255),
  signatures: z
    .array(z.object({ sig: z.base64().min(1), keyid: z.string().max(255).optional() }))
    .min(1)
    .max(maxSignatures),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

export interface DssePayload {
  type: string;
  bytes: Buffer;
}

/** @throws AttestationError where the signer cannot sign */
export async function signEnvelope(payload: DssePayload, signer: StatementSigner): Promise<DsseEnvelope> {
  const signature = await signer.sign(preAuthentication(payload));
  return {
    payload: payload.bytes.toString('base64'),
    payloadType: payload.type,
    signatures: [{ sig: signature.toString('base64'), keyid: keyIdOf(await signer.publicKey()) }],
  };
}

/**
 * What somebody with one of the keys has signed; undefined when nobody has. The `keyid` is not believed: it is no part of
 * what is signed.
 */
export function openEnvelope(envelope: DsseEnvelope, keys: readonly KeyObject[]): DssePayload | undefined {
  const payload = { type: envelope.payloadType, bytes: Buffer.from(envelope.payload, 'base64') };
  const signed = preAuthentication(payload);
  const isGood = envelope.signatures.some(({ sig }) =>
    keys.some((key) => isSignedBy(key, signed, Buffer.from(sig, 'base64'))),
  );
  return isGood ? payload : undefined;
}

/** What is signed: with lengths, so that no two payloads give the same bytes. */
function preAuthentication({ type, bytes }: DssePayload): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${bytes.length} `), bytes]);
}
