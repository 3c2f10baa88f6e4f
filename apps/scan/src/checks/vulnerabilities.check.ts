import { z } from 'zod';
import { digestOf } from '@pratique/contracts';
import { unavailable } from '../scanners/no-answer-error.js';
import { type StoredSbom, storedSboms } from '../sbom/stored-sboms.js';
import type { Scanner } from '../scanners/scanner.js';
import { ScannerReport } from '../scanners/vulnerability.js';
import { VexStatement } from '../vex/open-vex.js';
import { trustedVex } from '../vex/trusted-vex.js';
import { type CheckReport, defineAskingCheck, type Question } from './check.js';
import { judgeVulnerabilities } from './judge-vulnerabilities.js';
import { VulnerabilitiesSettings } from './vulnerabilities.settings.js';

const maxSbomBytes = 32 * 1024 ** 2;

/** What a scanner found, and what those said whom the policy trusted. */
const Evidence = ScannerReport.extend({
  vex: z.object({ trusted: z.string(), statements: z.array(VexStatement) }).exactOptional(),
});
type Evidence = z.infer<typeof Evidence>;

/**
 * Known vulnerabilities in the packages of an image, as a scanner finds them.
 *
 * A scanner that is not there, hangs, dies, talks nonsense or knows only old things has said nothing, which is no pass.
 */
export const vulnerabilitiesCheck = defineAskingCheck({
  kind: 'vulnerabilities',
  settings: VulnerabilitiesSettings,
  ask: async (settings, question) => {
    const { scanners, attachments } = question;
    const scanner = scanners.get(settings.scanner);
    if (scanner === undefined) {
      const there = [...scanners.keys()].join(', ') || 'none';
      throw unavailable(
        `There is no scanner ${settings.scanner} in the section scanners; there are ${there}.`,
        {
          retryable: false,
        },
      );
    }
    const report = await reportBy(scanner, settings, question);
    if (settings.vex === undefined) return judged(report, settings);
    const statements = await trustedVex(settings.vex, attachments);
    return judged({ ...report, vex: { trusted: trustedBy(settings), statements } }, settings);
  },
  replay: (settings, stored) => {
    const evidence = Evidence.safeParse(stored);
    if (!evidence.success) return undefined;
    const { vex, ...report } = evidence.data;
    if (settings.vex === undefined) return judged(report, settings);
    // What others said than are trusted now does not stand there.
    return vex?.trusted === trustedBy(settings) ? judged(evidence.data, settings) : undefined;
  },
});

/** From a bill of materials where that may be and says something, else from the image. */
async function reportBy(
  scanner: Scanner,
  settings: VulnerabilitiesSettings,
  question: Question,
): Promise<ScannerReport> {
  const { client, repository, digest, signal } = question;
  const target = { client, repository, digest, signal };
  const sboms = await sbomsFor(settings, question);
  if (sboms.length === 0) return await scanner.scan(target);
  const report = await scanner.scan({ ...target, sboms });
  return report.from === 'sbom' && report.recognised !== true ? await scanner.scan(target) : report;
}

/** Those of the image itself: one of an index does not say which of its images has what. */
async function sbomsFor(
  { rescanFromSbom }: VulnerabilitiesSettings,
  { again, digest, attachments }: Question,
): Promise<StoredSbom[]> {
  const own = attachments.find((each) => each.digest === digest);
  if (rescanFromSbom === undefined || again !== true || own === undefined) return [];
  return await storedSboms(rescanFromSbom, own, { maxBytes: maxSbomBytes });
}

function judged(evidence: Evidence, settings: VulnerabilitiesSettings): CheckReport {
  return { ...judgeVulnerabilities(evidence, settings, evidence.vex?.statements), evidence: { ...evidence } };
}

function trustedBy({ vex }: VulnerabilitiesSettings): string {
  return digestOf(JSON.stringify(vex ?? null));
}
