import { constants, createHash, type KeyObject, verify } from 'node:crypto';
import { AttestationError } from './attestation-error.js';

/** How a key signs: what cosign and the Sigstore clients expect of a key of its kind. */
export interface SigningScheme {
  /** The hash that is signed; undefined where the algorithm hashes by itself (Ed25519). */
  hash: 'sha256' | 'sha384' | 'sha512' | undefined;
  /** What Azure Key Vault calls it; undefined where Key Vault has no such keys. */
  keyVault: 'ES256' | 'ES384' | 'ES512' | 'RS256' | undefined;
}

const curves: Readonly<Record<string, SigningScheme>> = {
  prime256v1: { hash: 'sha256', keyVault: 'ES256' },
  secp384r1: { hash: 'sha384', keyVault: 'ES384' },
  secp521r1: { hash: 'sha512', keyVault: 'ES512' },
};

// Shorter ones have been broken or are about to be.
const minRsaBits = 2048;

/** @throws AttestationError `key-unusable` for a kind of key that is not signed with */
export function schemeOf(key: KeyObject): SigningScheme {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') return { hash: undefined, keyVault: undefined };
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= minRsaBits)
    return { hash: 'sha256', keyVault: 'RS256' };
  const scheme = key.asymmetricKeyType === 'ec' ? curves[namedCurve] : undefined;
  if (scheme !== undefined) return scheme;
  throw new AttestationError(
    `A key of the kind ${key.asymmetricKeyType ?? 'unknown'} ${namedCurve} is not signed with: use ECDSA (P-256, P-384, P-521), ` +
      `Ed25519, or RSA of at least ${minRsaBits} bits.`,
    { code: 'key-unusable' },
  );
}

/** The name of a key in signatures: the SHA-256 of its public part, in hexadecimal. It only helps to find the key. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Whether a signature is the key's. */
export function isSignedBy(publicKey: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  const { hash = null } = schemeOf(publicKey);
  const key =
    publicKey.asymmetricKeyType === 'rsa'
      ? { key: publicKey, padding: constants.RSA_PKCS1_PADDING }
      : publicKey;
  return verify(hash, bytes, key, signature);
}
