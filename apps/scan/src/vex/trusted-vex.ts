import type { Attachments } from '../attachments/attachments.js';
import { attestedBy } from '../signatures/attested.js';
import { nameOf } from '../signatures/signer.js';
import type { Signers } from '../signatures/signers.settings.js';
import { TrustedSigners } from '../signatures/trusted-signers.js';
import { OpenVex, openVexPredicate, statementsAbout, type VexStatement } from './open-vex.js';

const maxVexBytes = 4 * 1024 ** 2;

/**
 * What is said of the vulnerabilities of an image by those whom a policy trusts, in OpenVEX documents that are attached to
 * it, or to an index through which it is reached. What anybody else says is passed over: whoever may push an image may attach to it.
 */
export async function trustedVex(
  signers: Signers,
  attachments: readonly Attachments[],
): Promise<VexStatement[]> {
  const trusted = new TrustedSigners(signers);
  const digests = attachments.map(({ digest }) => digest);
  const found: VexStatement[] = [];
  for (const each of attachments) {
    for (const { signer, statement } of await attestedBy(trusted, each, { maxBytes: maxVexBytes })) {
      if (!statement.predicateType.startsWith(openVexPredicate)) continue;
      const document = OpenVex.safeParse(statement.predicate);
      if (document.success) found.push(...statementsAbout(document.data, { digests, by: nameOf(signer) }));
    }
  }
  return found;
}
