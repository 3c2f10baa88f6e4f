import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import {
  CryptographyClient,
  type CryptographyClientOptions,
  KeyClient,
  type KeyVaultKey,
} from '@azure/keyvault-keys';
import { AttestationError } from './attestation-error.js';
import { schemeOf } from './signing-scheme.js';
import type { StatementSigner } from './statement-signer.js';

export interface KeyVaultSignerOptions {
  /** `https://contoso.vault.azure.net/keys/pratique`, or with a version behind it. Without one it is the newest. */
  keyId: string;
  credential: TokenCredential;
  /** Takes the place of the network, for tests. */
  httpClient?: CryptographyClientOptions['httpClient'];
}

interface VaultKey {
  publicKey: KeyObject;
  client: CryptographyClient;
}

// A vault that does not answer is not to hold up a scan whose message is locked meanwhile.
const timeoutMs = 20_000;

/**
 * Signs with a key that never leaves Azure Key Vault; only the hash is sent there. The identity needs the role
 * Key Vault Crypto User, or the permissions get and sign.
 * https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign
 */
export function keyVaultSigner(options: KeyVaultSignerOptions): StatementSigner {
  let key: Promise<VaultKey> | undefined;
  const once = async (): Promise<VaultKey> => {
    key ??= fetchKey(options);
    try {
      return await key;
    } catch (error) {
      // What has failed is asked for again the next time.
      key = undefined;
      throw error;
    }
  };
  return {
    publicKey: async () => (await once()).publicKey,
    sign: async (bytes) => await signInVault(await once(), bytes),
  };
}

async function fetchKey({ keyId, credential, httpClient }: KeyVaultSignerOptions): Promise<VaultKey> {
  const { vaultUrl, name, version } = partsOf(keyId);
  const options = httpClient === undefined ? {} : { httpClient };
  const key = await asking('give the key', () =>
    new KeyClient(vaultUrl, credential, options).getKey(name, {
      ...(version !== undefined && { version }),
      abortSignal: AbortSignal.timeout(timeoutMs),
    }),
  );
  const publicKey = readVaultKey(key);
  if (schemeOf(publicKey).keyVault === undefined) {
    throw new AttestationError(`Key Vault does not sign with a key such as ${keyId}.`, {
      code: 'key-unusable',
    });
  }
  return { publicKey, client: new CryptographyClient(key, credential, options) };
}

async function signInVault({ publicKey, client }: VaultKey, bytes: Buffer): Promise<Buffer> {
  const { hash = 'sha256', keyVault = 'ES256' } = schemeOf(publicKey);
  const digest = createHash(hash).update(bytes).digest();
  const { result } = await asking('sign', () =>
    client.sign(keyVault, digest, { abortSignal: AbortSignal.timeout(timeoutMs) }),
  );
  return publicKey.asymmetricKeyType === 'ec' ? derSignature(Buffer.from(result)) : Buffer.from(result);
}

/** @throws AttestationError `key-unusable` for an address that is none of a key */
function partsOf(keyId: string): { vaultUrl: string; name: string; version: string | undefined } {
  const found = /^(https:\/\/[^/?#@]+)\/keys\/([\w-]+)(?:\/(\w+))?\/?$/.exec(keyId);
  const [, vaultUrl, name, version] = found ?? [];
  if (vaultUrl === undefined || name === undefined) {
    throw new AttestationError(
      `"${keyId}" is no key of a vault: write https://<vault>.vault.azure.net/keys/<name>.`,
      { code: 'key-unusable' },
    );
  }
  return { vaultUrl, name, version };
}

function readVaultKey({ id = 'the key', key }: KeyVaultKey): KeyObject {
  const encoded = ({ n, e, x, y }: NonNullable<typeof key>): Record<string, string> =>
    Object.fromEntries(
      Object.entries({ n, e, x, y }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Buffer.from(value).toString('base64url')]],
      ),
    );
  try {
    if (key === undefined) throw new Error('there is no public part');
    // The kinds EC-HSM and RSA-HSM are the same, kept in hardware.
    const kty = String(key.kty).replace('-HSM', '');
    return createPublicKey({
      key: { kty, ...(key.crv !== undefined && { crv: key.crv }), ...encoded(key) },
      format: 'jwk',
    });
  } catch (cause) {
    throw new AttestationError(`${id} is no key to sign with.`, { code: 'key-unusable', cause });
  }
}

async function asking<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const status = cause instanceof Error && 'statusCode' in cause ? Number(cause.statusCode) : undefined;
    const [firstLine = ''] = (cause instanceof Error ? cause.message : 'unknown error').split('\n');
    const refused = status === 401 || status === 403 || status === 404;
    const mend = refused
      ? ' Check attestation.key, and that the identity has the role Key Vault Crypto User.'
      : '';
    throw new AttestationError(`Key Vault did not ${what}: ${firstLine.slice(0, 500)}.${mend}`, {
      code: 'signing-failed',
      retryable: !refused,
      cause,
    });
  }
}

/** Key Vault gives the two numbers of an ECDSA signature side by side; everybody else expects them in DER. */
export function derSignature(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const body = Buffer.concat([derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))]);
  // P-521 needs a length of two bytes.
  const length = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function derInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const number = first < 0 ? Buffer.from([0]) : bytes.subarray(first);
  // A set first bit would make it negative.
  const padding = (number[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, number.length + padding.length, ...padding]), number]);
}
