import type { Attachment, Attachments } from '../attachments/attachments.js';
import { bundleOfCosign } from './cosign-bundle.js';
import type { Signer } from './signer.js';
import { inTotoPayloadType, parsed, type Statement, statementAbout } from './statement.js';
import type { TrustedSigners } from './trusted-signers.js';

export const bundleType = 'application/vnd.dev.sigstore.bundle';
export const envelopeType = 'application/vnd.dsse.envelope.v1+json';

/** What somebody whom the configuration trusts states of an image. */
export interface Attested {
  signer: Signer;
  statement: Statement;
}

/** Whether an attachment may be a bundle; a registry that gives no type may hold one. */
export function mayBeBundle(artifactType: string | undefined): boolean {
  return artifactType === undefined || artifactType.startsWith(bundleType);
}

/**
 * Every statement about an image that is signed by somebody trusted: in Sigstore bundles among its referrers, and in
 * envelopes under cosign's tag `.att`. What is signed by others, or about another image, is not among them.
 */
export async function attestedBy(
  signers: TrustedSigners,
  attachments: Attachments,
  { maxBytes }: { maxBytes: number },
): Promise<Attested[]> {
  const found = await attachments.read({ isWanted: mayBeBundle, tag: 'att', maxBytes });
  return found.flatMap((attachment) => {
    const bundle = bundleIn(attachment);
    return (bundle !== undefined && statementIn(bundle, signers, attachments)) || [];
  });
}

export function bundleIn({ layer, bytes }: Attachment): unknown {
  if (layer.mediaType === envelopeType) {
    return bundleOfCosign(layer.annotations ?? {}, { envelope: parsed(bytes) });
  }
  return layer.mediaType.startsWith(bundleType) ? parsed(bytes) : undefined;
}

/** What a bundle states of the image, if somebody trusted has signed it. */
export function statementIn(
  json: unknown,
  signers: TrustedSigners,
  { digest }: Pick<Attachments, 'digest'>,
): Attested | undefined {
  const verified = signers.verify(json);
  if (verified?.bundle.content.$case !== 'dsseEnvelope') return undefined;
  const { payload, payloadType } = verified.bundle.content.dsseEnvelope;
  if (payloadType !== inTotoPayloadType) return undefined;
  const statement = statementAbout(digest, payload);
  return statement && { signer: verified.signer, statement };
}
