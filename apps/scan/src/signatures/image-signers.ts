import type { Attachment, Attachments } from '../attachments/attachments.js';
import { bundleIn, bundleType, mayBeBundle, statementIn } from './attested.js';
import { bundleOfCosign } from './cosign-bundle.js';
import type { Signer } from './signer.js';
import { isPayloadOf, simpleSigningType } from './simple-signing.js';
import type { TrustedSigners } from './trusted-signers.js';

/** cosign's own, for referrers before it had bundles. */
const cosignSignatureType = 'application/vnd.dev.cosign.artifact.sig.v1+json';

// A signature is a few KiB; one with a long chain some tens.
const maxSignatureBytes = 1024 * 1024;

export interface ImageSigners {
  /** Each that has signed, as often as there are signatures. */
  signers: Signer[];
  /** How many signatures there are, of whomever. */
  seen: number;
}

/**
 * Who has signed an image: in bundles among its referrers, and in payloads among its referrers or under cosign's tag `.sig`.
 *
 * @param predicateTypes what a statement has to say for it to count as a signature
 */
export async function signersOf(
  attachments: Attachments,
  trusted: TrustedSigners,
  predicateTypes: readonly string[],
): Promise<ImageSigners> {
  const found = await attachments.read({
    isWanted: (type) => mayBeBundle(type) || type === cosignSignatureType,
    tag: 'sig',
    maxBytes: maxSignatureBytes,
  });
  const signatures = found.filter(isSignature);
  const signers = signatures.flatMap(
    (signature) => signerOf(signature, { attachments, trusted, predicateTypes }) ?? [],
  );
  return { signers, seen: signatures.length };
}

function isSignature({ layer: { mediaType } }: Attachment): boolean {
  return mediaType === simpleSigningType || mediaType.startsWith(bundleType);
}

function signerOf(
  signature: Attachment,
  about: { attachments: Attachments; trusted: TrustedSigners; predicateTypes: readonly string[] },
): Signer | undefined {
  const { attachments, trusted, predicateTypes } = about;
  const { layer, bytes } = signature;
  if (layer.mediaType === simpleSigningType) {
    if (!isPayloadOf(attachments.digest, bytes)) return undefined;
    return trusted.verify(bundleOfCosign(layer.annotations ?? {}, { payload: bytes }), bytes)?.signer;
  }
  const attested = statementIn(bundleIn(signature), trusted, attachments);
  if (attested === undefined || !predicateTypes.includes(attested.statement.predicateType)) return undefined;
  return attested.signer;
}
