import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AttestationError } from './attestation-error.js';
import { DsseEnvelope, openEnvelope, signEnvelope } from './dsse-envelope.js';
import { keyIdOf } from './signing-scheme.js';
import { inTotoPayloadType, Statement } from './statement.js';
import type { StatementSigner } from './statement-signer.js';

/**
 * The form in which signatures are attached to images, so that cosign and policy controllers can read ours.
 * https://github.com/sigstore/cosign/blob/v3.0.4/specs/BUNDLE_SPEC.md
 */
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

const Bundle = z.looseObject({
  mediaType: z.literal(bundleType),
  dsseEnvelope: DsseEnvelope,
});

/** @throws AttestationError where the signer cannot sign */
export async function signStatement(statement: Statement, signer: StatementSigner): Promise<Buffer> {
  const bytes = Buffer.from(JSON.stringify(statement));
  const dsseEnvelope = await signEnvelope({ type: inTotoPayloadType, bytes }, signer);
  const publicKey = { hint: keyIdOf(await signer.publicKey()) };
  return Buffer.from(
    JSON.stringify({ mediaType: bundleType, verificationMaterial: { publicKey }, dsseEnvelope }),
  );
}

/**
 * The statement in a bundle, signed with one of the keys.
 *
 * @throws AttestationError `statement-invalid` that says what is wrong
 */
export function openStatement(bundle: Buffer, keys: readonly KeyObject[]): Statement {
  const { dsseEnvelope } = parse(Bundle, bundle, 'It is no Sigstore bundle with a signed statement.');
  const payload = openEnvelope(dsseEnvelope, keys);
  if (payload === undefined) throw invalid('Nobody who is trusted has signed it.');
  if (payload.type !== inTotoPayloadType) throw invalid(`It holds ${payload.type} and not a statement.`);
  return parse(Statement, payload.bytes, 'What it holds is no in-toto statement.');
}

function parse<S extends z.ZodType>(schema: S, bytes: Buffer, otherwise: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw invalid(otherwise, cause);
  }
  const result = schema.safeParse(json);
  if (!result.success) throw invalid(otherwise, result.error);
  return result.data;
}

function invalid(message: string, cause?: unknown): AttestationError {
  return new AttestationError(message, { code: 'statement-invalid', cause });
}
