import type { KeyObject } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import {
  AttestationError,
  keyVaultSigner,
  pemSigner,
  readPublicKey,
  type StatementSigner,
} from '@pratique/attestation';
import { azureCredential } from '@pratique/azure-identity';
import { SetupError } from '@pratique/config';
import type { AttestationSection } from './attestation.settings.js';

/** Who signs for this installation, and whose signatures count as its own. */
export interface SigningIdentity {
  signer: StatementSigner;
  /** The key of today and those of before. */
  ownKeys(): Promise<KeyObject[]>;
}

/**
 * @param credential takes the place of the identity that the configuration names
 * @returns undefined where nothing is to be signed
 * @throws SetupError for a key that cannot be used
 */
export function openSigner(
  section: AttestationSection,
  { credential }: { credential?: TokenCredential | undefined } = {},
): SigningIdentity | undefined {
  if (section === undefined) return undefined;
  try {
    const { key } = section;
    const previous = section.previousKeys.map((pem) => readPublicKey(pem.reveal()));
    const signer =
      'pem' in key
        ? pemSigner(key.pem.reveal())
        : keyVaultSigner({
            keyId: key.keyVault,
            credential: credential ?? azureCredential(key.identity),
          });
    return { signer, ownKeys: async () => [await signer.publicKey(), ...previous] };
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw new SetupError(`The section attestation cannot be used. ${cause.message}`, { cause });
  }
}
