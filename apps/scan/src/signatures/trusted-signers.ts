import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  type SignedEntity,
  toSignedEntity,
  toTrustMaterial,
  type TrustMaterial,
  Verifier,
} from '@sigstore/verify';
import type { Signer } from './signer.js';
import type { Identity, Signers } from './signers.settings.js';

const nobody = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [], mediaType: '' };

/**
 * Tells whose signature something carries, if it is one of those whom the configuration trusts. Nobody is asked: what counts
 * is the configured keys and the configured trust root.
 */
export class TrustedSigners {
  private readonly keys: readonly { fingerprint: string; material: TrustMaterial }[];
  private readonly keyless: { material: TrustMaterial; identities: readonly Identity[] } | undefined;

  /** @throws when the trust root is none */
  constructor({ keys = [], keyless }: Signers) {
    this.keys = keys.map((pem) => keyOf(createPublicKey(pem)));
    this.keyless = keyless && {
      identities: keyless.identities,
      material: toTrustMaterial(TrustedRoot.fromJSON(keyless.trustRoot)),
    };
  }

  /**
   * @param json a Sigstore bundle, from whoever attached it
   * @param artifact what it is a signature of; of no matter to an envelope, which holds what was signed
   * @returns the signer, and the bundle as it was verified; undefined when it is nobody's whom the configuration trusts
   */
  verify(json: unknown, artifact?: Buffer): { signer: Signer; bundle: Bundle } | undefined {
    try {
      const bundle = bundleFromJSON(json);
      if (bundle.content.$case === 'messageSignature' && artifact === undefined) return undefined;
      const entity = toSignedEntity(bundle, artifact);
      const isKey = entity.key.$case === 'public-key';
      const signer = isKey ? this.byKey(entity) : this.byCertificate(entity);
      return signer && { signer, bundle };
    } catch {
      // Anybody may attach anything; what is no valid signature is as good as none.
      return undefined;
    }
  }

  private byKey(entity: SignedEntity): Signer | undefined {
    // A key needs no witness: it is trusted as long as it is configured, whatever a log says.
    const bare = { ...entity, tlogEntries: [], timestamps: [] };
    const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
    const found = this.keys.find(({ material }) =>
      succeeds(() => new Verifier(material, thresholds).verify(bare)),
    );
    return found && { kind: 'key', fingerprint: found.fingerprint };
  }

  private byCertificate(entity: SignedEntity): Signer | undefined {
    if (this.keyless === undefined) return undefined;
    const { material, identities } = this.keyless;
    // A certificate lives for minutes, so that somebody has to witness when it was used. Which witnesses there are, the
    // trust root says: a deployment without a log of its own has none to ask.
    const thresholds = {
      tlogThreshold: material.tlogs.length > 0 ? 1 : 0,
      ctlogThreshold: material.ctlogs.length > 0 ? 1 : 0,
      timestampThreshold: 1,
    };
    const { identity } = new Verifier(material, thresholds).verify(entity);
    const [issuer, subject] = [identity?.extensions?.issuer, identity?.subjectAlternativeName];
    if (issuer === undefined || subject === undefined) return undefined;
    const isTrusted = identities.some((trusted) => trusted.issuer === issuer && isSubject(trusted, subject));
    return isTrusted ? { kind: 'certificate', issuer, subject } : undefined;
  }
}

function keyOf(publicKey: KeyObject): { fingerprint: string; material: TrustMaterial } {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    fingerprint: createHash('sha256').update(spki).digest('hex'),
    material: toTrustMaterial(nobody, () => ({ publicKey, validFor: () => true })),
  };
}

/** The whole subject: part of an address is another address. */
export function isSubject(
  { subject, subjectGlob }: Pick<Identity, 'subject' | 'subjectGlob'>,
  found: string,
): boolean {
  if (subject !== undefined) return found === subject;
  if (subjectGlob === undefined) return false;
  const pieces = subjectGlob
    .split('*')
    .map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join('[^/]*')}$`).test(found);
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
