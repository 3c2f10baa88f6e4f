import { z } from 'zod';
import type { Attachments } from '../attachments/attachments.js';
import { Component } from '../sbom/component.js';
import { findSboms, type FoundSbom } from '../sbom/find-sboms.js';
import { TrustedSigners } from '../signatures/trusted-signers.js';
import { type CheckReport, defineAskingCheck } from './check.js';
import { judgeLicences } from './judge-licences.js';
import { SbomSettings } from './sbom.settings.js';

// Beyond these, a report would be larger than what it is about; licences can then not be judged again from it.
const maxEvidence = 5000;

const SbomEvidence = z.object({ format: z.enum(['cyclonedx', 'spdx']), components: z.array(Component) });

/**
 * Whether the image comes with a bill of materials that can be read, and whether the licences in it may be.
 *
 * It is a claim of whoever attached it. Where the policy names signers, only what one of them has signed counts.
 */
export const sbomCheck = defineAskingCheck({
  kind: 'sbom',
  settings: SbomSettings,
  ask: async (settings, { attachments }) => {
    const found = await findAll(settings, attachments);
    const good = found.find((each) => 'sbom' in each && settings.formats.includes(each.sbom.format));
    if (good === undefined || !('sbom' in good)) return missing(found, settings);
    const { format, components } = good.sbom;
    const report = judgeLicences(components, settings);
    return components.length > maxEvidence ? report : { ...report, evidence: { format, components } };
  },
  replay: (settings, evidence) => {
    const stored = SbomEvidence.safeParse(evidence);
    // Who had signed it does not stand there.
    if (!stored.success || settings.signers !== undefined) return undefined;
    if (!settings.formats.includes(stored.data.format)) return undefined;
    return { ...judgeLicences(stored.data.components, settings), evidence: stored.data };
  },
});

async function findAll(settings: SbomSettings, attachments: readonly Attachments[]): Promise<FoundSbom[]> {
  const signers = settings.signers && new TrustedSigners(settings.signers);
  const { maxBytes } = settings;
  const [first, ...indexes] = attachments;
  const own = first === undefined ? [] : await findSboms(first, { signers, maxBytes });
  // What is attached to an index speaks of all its images; the image's own comes first.
  const of = await Promise.all(indexes.map((each) => findSboms(each, { signers, maxBytes })));
  return [...own, ...of.flat()];
}

function missing(found: readonly FoundSbom[], { formats, signers }: SbomSettings): CheckReport {
  const names = formats.join(' or ');
  const by = signers === undefined ? '' : ' that somebody has signed whom the policy trusts';
  const [broken] = found.flatMap((each) => ('problem' in each ? [each.problem] : []));
  const [id, message] =
    broken === undefined
      ? ['sbom-missing', `It comes with no bill of materials in ${names}${by}.`]
      : ['sbom-unreadable', `Its bill of materials ${broken}.`];
  const mend = `Attach one in ${names}${by === '' ? '' : ' and sign it'}: for example with syft and cosign attest.`;
  return { result: 'failed', findings: [{ id, message, mend }] };
}
