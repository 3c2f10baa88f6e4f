import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type CA, initializeCA } from '@sigstore/mock/dist/fulcio/ca.js';
import { type CTLog, initializeCTLog } from '@sigstore/mock/dist/fulcio/ctlog.js';
import { initializeTLog, type TLog } from '@sigstore/mock/dist/rekor/tlog.js';
import { inTotoPayloadType } from '../src/signatures/statement.js';

const issuerOid = '1.3.6.1.4.1.57264.1.8';

export const github = 'https://token.actions.githubusercontent.com';
export const workflow = 'https://github.com/contoso/app/.github/workflows/release.yml@refs/heads/main';

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export function aKeyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function pemOf({ publicKey }: KeyPair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

/** What is signed in an envelope. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
export function signedEnvelope(statement: object, { privateKey }: Pick<KeyPair, 'privateKey'>) {
  const payload = Buffer.from(JSON.stringify(statement));
  const prefix = `DSSEv1 ${inTotoPayloadType.length} ${inTotoPayloadType} ${payload.length} `;
  const signature = sign('sha256', Buffer.concat([Buffer.from(prefix), payload]), privateKey);
  return {
    payloadType: inTotoPayloadType,
    payload: payload.toString('base64'),
    signatures: [{ sig: signature.toString('base64'), keyid: '' }],
  };
}

/** A bundle as `cosign sign --key` makes it. */
export function keyBundle(statement: object, pair: KeyPair): object {
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'x' }, tlogEntries: [], timestampVerificationData: {} },
    dsseEnvelope: signedEnvelope(statement, pair),
  };
}

/** What a log of signatures answers. */
interface Recorded {
  body: string;
  integratedTime: number;
  logIndex: number;
  logID: string;
  verification: {
    signedEntryTimestamp: string;
    inclusionProof: { logIndex: number; rootHash: string; treeSize: number; checkpoint: string };
  };
}

/** A Fulcio, a Rekor and a log of certificates of one's own, in memory. */
export class TestAuthority {
  private constructor(
    private readonly ca: CA,
    private readonly ctlog: CTLog,
    private readonly tlog: TLog,
  ) {}

  static async start(): Promise<TestAuthority> {
    const ctlog = await initializeCTLog(aKeyPair());
    const ca = await initializeCA(aKeyPair(), ctlog);
    const tlog = await initializeTLog('https://rekor.test', aKeyPair());
    return new TestAuthority(ca, ctlog, tlog);
  }

  /** As `trusted_root.json`. */
  trustRoot(): object {
    const validFor = { start: '2020-01-01T00:00:00Z' };
    const publicKey = (rawBytes: Buffer): object => ({
      rawBytes: rawBytes.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor,
    });
    const keyId = (bytes: ArrayBufferView): string => bufferOf(bytes).toString('base64');
    const rootCertificate = bufferOf(this.ca.rootCertificate).toString('base64');
    return {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        {
          ...{ baseUrl: 'https://rekor.test', hashAlgorithm: 'SHA2_256' },
          publicKey: publicKey(this.tlog.publicKey),
          logId: { keyId: createHash('sha256').update(this.tlog.publicKey).digest('base64') },
        },
      ],
      certificateAuthorities: [
        {
          ...{ subject: { organization: 'test', commonName: 'test' }, uri: 'https://fulcio.test', validFor },
          certChain: { certificates: [{ rawBytes: rootCertificate }] },
        },
      ],
      ctlogs: [
        {
          ...{ baseUrl: 'https://ct.test', hashAlgorithm: 'SHA2_256' },
          publicKey: publicKey(this.ctlog.publicKey),
          logId: { keyId: keyId(this.ctlog.logID) },
        },
      ],
      timestampAuthorities: [],
    };
  }

  /** A bundle as `cosign sign` makes it for somebody who has logged in. */
  async bundle(statement: object, { issuer = github, subject = workflow } = {}): Promise<object> {
    const { certificate, pair } = await this.certify({ issuer, subject });
    const envelope = signedEnvelope(statement, pair);
    const entry = await this.record({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: { algorithm: 'sha256', value: hexOf(Buffer.from(JSON.stringify(envelope))) },
        payloadHash: { algorithm: 'sha256', value: hexOf(Buffer.from(envelope.payload, 'base64')) },
        signatures: [
          {
            signature: envelope.signatures[0]?.sig,
            verifier: Buffer.from(pemCertificate(certificate)).toString('base64'),
          },
        ],
      },
    });
    const { body, integratedTime, logIndex, logID, verification } = entry;
    const proof = verification.inclusionProof;
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: [
          {
            logIndex: String(logIndex),
            logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
            kindVersion: { kind: 'dsse', version: '0.0.1' },
            integratedTime: String(integratedTime),
            inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
            inclusionProof: {
              logIndex: String(proof.logIndex),
              rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
              treeSize: String(proof.treeSize),
              hashes: [],
              checkpoint: { envelope: proof.checkpoint },
            },
            canonicalizedBody: body,
          },
        ],
      },
      dsseEnvelope: envelope,
    };
  }

  /** Annotations as cosign 2 wrote them beside a payload, for somebody who has logged in. */
  async annotations(
    payload: Buffer,
    { issuer = github, subject = workflow } = {},
  ): Promise<Record<string, string>> {
    const { certificate, pair } = await this.certify({ issuer, subject });
    const signature = sign('sha256', payload, pair.privateKey).toString('base64');
    const { body, integratedTime, logIndex, logID, verification } = await this.record({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: hexOf(payload) } },
        signature: {
          content: signature,
          publicKey: { content: Buffer.from(pemCertificate(certificate)).toString('base64') },
        },
      },
    });
    return {
      'dev.cosignproject.cosign/signature': signature,
      'dev.sigstore.cosign/certificate': pemCertificate(certificate),
      'dev.sigstore.cosign/chain': pemCertificate(bufferOf(this.ca.rootCertificate)),
      'dev.sigstore.cosign/bundle': JSON.stringify({
        SignedEntryTimestamp: verification.signedEntryTimestamp,
        Payload: { body, integratedTime, logIndex, logID },
      }),
    };
  }

  private async certify({ issuer, subject }: { issuer: string; subject: string }) {
    const pair = aKeyPair();
    const certificate = await this.ca.issueCertificate({
      publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }) as Buffer<ArrayBuffer>,
      subjectAltName: subject,
      extensions: [{ oid: issuerOid, value: issuer }],
    });
    return { certificate: bufferOf(certificate), pair };
  }

  private async record(entry: object): Promise<Recorded> {
    const [recorded] = Object.values(await this.tlog.log(entry));
    if (recorded === undefined) throw new Error('the log took nothing');
    return recorded as unknown as Recorded;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

function hexOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function pemCertificate(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
