import { z } from 'zod';
import type { Attachments } from '../attachments/attachments.js';
import { signersOf } from '../signatures/image-signers.js';
import { nameOf, type Signer } from '../signatures/signer.js';
import { Signers } from '../signatures/signers.settings.js';
import { TrustedSigners } from '../signatures/trusted-signers.js';
import { type CheckReport, defineAskingCheck } from './check.js';
import type { Finding } from './finding.js';

/** What `cosign sign` states since version 3. */
const cosignSignature = 'https://sigstore.dev/cosign/sign/v1';

const SignatureSettings = z.strictObject({
  signers: Signers.describe('Whose signatures count'),
  atLeast: z.int().min(1).max(100).default(1).describe('How many different signers it takes'),
  predicateTypes: z
    .array(z.string().min(1).max(1024))
    .min(1)
    .max(100)
    .default([cosignSignature])
    .describe('Which signed statements count as a signature'),
});
type SignatureSettings = z.output<typeof SignatureSettings>;

/**
 * Whether somebody who is trusted has signed the image, or an index through which it is reached.
 *
 * Signatures of others, and what is no signature, are passed over, for anybody who may push may attach them. What is attached
 * beyond the first fifty is not looked at.
 */
export const signatureCheck = defineAskingCheck({
  kind: 'signature',
  settings: SignatureSettings,
  ask: async (settings, { attachments }) => {
    const trusted = new TrustedSigners(settings.signers);
    const signers = new Map<string, Signer>();
    let seen = 0;
    for (const each of attachments) {
      const found = await signersOf(each, trusted, settings.predicateTypes);
      seen += found.seen;
      for (const signer of found.signers) signers.set(nameOf(signer), signer);
    }
    return judged({ signers: [...signers.values()], seen }, { settings, attachments });
  },
});

function judged(
  { signers, seen }: { signers: Signer[]; seen: number },
  { settings, attachments }: { settings: SignatureSettings; attachments: readonly Attachments[] },
): CheckReport {
  const evidence = { signers: signers.map((signer) => ({ ...signer })), signatures: seen };
  if (signers.length >= settings.atLeast) return { result: 'passed', findings: [], evidence };
  const where = attachments.map(({ digest }) => digest).join(' or ');
  return { result: 'failed', findings: [whyNot({ signers, seen, where }, settings)], evidence };
}

function whyNot(
  { signers, seen, where }: { signers: readonly Signer[]; seen: number; where: string },
  { atLeast }: SignatureSettings,
): Finding {
  if (seen === 0) {
    return {
      id: 'not-signed',
      message: `There is no signature on ${where}.`.slice(0, 4000),
      mend: 'Sign the image by its digest with one of the keys or identities that the policy trusts: cosign sign.',
    };
  }
  if (signers.length === 0) {
    return {
      id: 'signer-not-trusted',
      message: `Of ${seen} signatures on ${where}, none is of anybody whom the policy trusts.`.slice(0, 4000),
      mend: 'Sign it with one of the keys or identities that the policy trusts, or add the signer to the policy.',
    };
  }
  const names = signers.map(nameOf).join(', ');
  return {
    id: 'too-few-signers',
    message: `It is signed by ${signers.length} of the ${atLeast} that it takes: ${names}.`.slice(0, 4000),
    mend: 'Have somebody else sign it whom the policy trusts.',
  };
}
