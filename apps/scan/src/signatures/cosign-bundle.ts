import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parsed } from './statement.js';

/** What cosign writes beside a signature before it had bundles, in annotations of the layer. */
const annotation = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  rekor: 'dev.sigstore.cosign/bundle',
} as const;

const RekorEntry = z.object({
  SignedEntryTimestamp: z.string(),
  Payload: z.object({
    body: z.string(),
    integratedTime: z.number(),
    logIndex: z.number(),
    logID: z.string().regex(/^[0-9a-f]+$/),
  }),
});

const EntryKind = z.object({ kind: z.string(), apiVersion: z.string() });

const pemBlock = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;

type Annotations = Readonly<Record<string, string>>;

/**
 * A signature in cosign's older manner as the bundle that it would be today, so that one verifier judges both.
 *
 * @param signed the payload, or the envelope
 * @returns undefined where there is no signature
 */
export function bundleOfCosign(
  annotations: Annotations,
  signed: { payload: Buffer } | { envelope: unknown },
): unknown {
  const signature = annotations[annotation.signature];
  if ('payload' in signed && !signature) return undefined;
  const certificates = certificatesIn(
    `${annotations[annotation.certificate] ?? ''}\n${annotations[annotation.chain] ?? ''}`,
  );
  const material =
    certificates.length === 0
      ? { publicKey: { hint: '' }, tlogEntries: [] }
      : { x509CertificateChain: { certificates }, tlogEntries: entriesIn(annotations[annotation.rekor]) };
  return {
    // The last version in which a promise of the log is enough, and a chain may stand where now only a certificate does.
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: { ...material, timestampVerificationData: { rfc3161Timestamps: [] } },
    ...('payload' in signed
      ? { messageSignature: { messageDigest: digestOf(signed.payload), signature } }
      : { dsseEnvelope: signed.envelope }),
  };
}

function certificatesIn(pem: string): { rawBytes: string }[] {
  return [...pem.matchAll(pemBlock)].map(([, base64 = '']) => ({ rawBytes: base64.replaceAll(/\s/g, '') }));
}

function entriesIn(text: string | undefined): object[] {
  const entry = RekorEntry.safeParse(parsed(Buffer.from(text ?? '')));
  if (!entry.success) return [];
  const { SignedEntryTimestamp, Payload } = entry.data;
  const kind = EntryKind.safeParse(parsed(Buffer.from(Payload.body, 'base64')));
  if (!kind.success) return [];
  return [
    {
      logIndex: String(Payload.logIndex),
      logId: { keyId: Buffer.from(Payload.logID, 'hex').toString('base64') },
      kindVersion: { kind: kind.data.kind, version: kind.data.apiVersion },
      integratedTime: String(Payload.integratedTime),
      inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
      canonicalizedBody: Payload.body,
    },
  ];
}

function digestOf(payload: Buffer): object {
  return { algorithm: 'SHA2_256', digest: createHash('sha256').update(payload).digest('base64') };
}
