import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { AttestationError } from './attestation-error.js';
import { schemeOf } from './signing-scheme.js';

/** Whoever signs statements. The private key may be somewhere else. */
export interface StatementSigner {
  /** @throws AttestationError where the key cannot be had */
  publicKey(): Promise<KeyObject>;
  /** @throws AttestationError `signing-failed` */
  sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * Signs with a private key that is at hand.
 *
 * @param pem PKCS#8, or the older forms that OpenSSL writes; not encrypted
 * @throws AttestationError `key-unusable`
 */
export function pemSigner(pem: string): StatementSigner {
  const privateKey = readPrivateKey(pem);
  const { hash = null } = schemeOf(privateKey);
  const publicKey = createPublicKey(privateKey);
  return {
    publicKey: () => Promise.resolve(publicKey),
    sign: (bytes) => Promise.resolve(sign(hash, bytes, privateKey)),
  };
}

/**
 * Reads a public key with which statements are verified.
 *
 * @param pem `-----BEGIN PUBLIC KEY-----`
 * @throws AttestationError `key-unusable`, also for a private key: that is not to lie about where statements are verified
 */
export function readPublicKey(pem: string): KeyObject {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw unusable('It is a private key. Give the public one: openssl pkey -in key.pem -pubout.');
  }
  try {
    const key = createPublicKey(pem);
    schemeOf(key);
    return key;
  } catch (cause) {
    if (cause instanceof AttestationError) throw cause;
    throw unusable('It is no public key in PEM (-----BEGIN PUBLIC KEY-----).', cause);
  }
}

function readPrivateKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw unusable('It is encrypted: store it unencrypted where only scan can read it, or in Key Vault.');
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw unusable('It is no private key in PEM (-----BEGIN PRIVATE KEY-----).', cause);
  }
}

function unusable(why: string, cause?: unknown): AttestationError {
  return new AttestationError(`The key cannot be used. ${why}`, { code: 'key-unusable', cause });
}
