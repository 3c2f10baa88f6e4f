import { Digest, OutcomeImage, outcomeSchemas } from '@pratique/contracts';
import { z } from 'zod';
import { Finding } from './checks/finding.js';
import { ScannerIdentity } from './checks/scanner-identity.js';

export const scanReportSchema = 'io.pratique.scan-report.v1';
/** As a referrer's `artifactType`, and as the `mediaType` of the blob. */
export const scanReportMediaType = 'application/vnd.pratique.scan-report.v1+json';

const Moment = z.iso.datetime({ offset: true });
const Sentence = z.string().max(4096);
const unscannableReason = outcomeSchemas['scan.unscannable'].shape.data.shape.reason;
const errorReason = outcomeSchemas['scan.error'].shape.data.shape.reason;

export const ReportedVerdict = z.discriminatedUnion('status', [
  z.object({ status: z.literal('passed') }),
  z.object({ status: z.literal('failed') }),
  z.object({ status: z.literal('unscannable'), reason: unscannableReason, message: Sentence }),
  z.object({ status: z.literal('error'), reason: errorReason, message: Sentence, retryable: z.boolean() }),
]);
export type ReportedVerdict = z.infer<typeof ReportedVerdict>;

/** A finding with, where somebody answers for it, who does; such a finding did not count. */
export const ReportedFinding = Finding.extend({
  exception: z
    .object({ owner: z.string(), reason: z.string(), ticket: z.string(), expires: z.iso.date() })
    .optional(),
});
export type ReportedFinding = z.infer<typeof ReportedFinding>;

export const ReportedCheck = z.object({
  /** The policy's name. */
  policy: z.string(),
  kind: z.string(),
  /** Of its settings: a policy with the same would have been told the same. */
  settings: Digest,
  /** With exceptions: a check all of whose findings are excepted has passed. */
  result: z.enum(['passed', 'failed', 'nothing-to-check', 'crashed', 'no-answer']),
  /** All that were kept, with or without an exception. */
  findings: z.array(ReportedFinding),
  /** How many more there were. */
  unlisted: z.int().min(0).default(0),
  /** For `no-answer`: why somebody else who was asked did not give an answer that counts. */
  noAnswer: z.object({ reason: errorReason, message: Sentence, retryable: z.boolean() }).optional(),
  scanner: ScannerIdentity.optional(),
  /** What the check has seen; its shape is the kind's own. */
  evidence: z.json().optional(),
});
export type ReportedCheck = z.infer<typeof ReportedCheck>;

export const ReportedManifest = z.object({
  digest: Digest,
  kind: z.enum(['image', 'index']),
  /** Of an index: what it names. */
  children: z.array(Digest).optional(),
  /** Why it could not be read in full. */
  unreadable: z.object({ reason: unscannableReason, message: Sentence }).optional(),
  /** By the policies that enforce. */
  verdict: ReportedVerdict.optional(),
  /** By every policy, also those that only observe. */
  checks: z.array(ReportedCheck),
});
export type ReportedManifest = z.infer<typeof ReportedManifest>;

/**
 * One scan of one image, complete enough to show it, to attest it, and to judge it again by another policy.
 *
 * Reports are kept for years and read by later versions: fields may be added and never change their meaning.
 */
export const ScanReport = z.object({
  schema: z.literal(scanReportSchema),
  image: OutcomeImage.required({ digest: true }),
  /** The id of the event that led here; absent for a scan that a person asked for. */
  eventId: z.string().optional(),
  startedAt: Moment,
  finishedAt: Moment,
  policies: z.array(z.object({ name: z.string(), mode: z.enum(['enforce', 'observe']), digest: Digest })),
  /** By the policies that enforce; absent where all only observe, and nothing was cleared or blocked. */
  verdict: ReportedVerdict.optional(),
  /** What each policy that observes would have said. */
  observed: z.array(z.object({ policy: z.string(), verdict: ReportedVerdict })),
  /** Children before those that name them, the image itself last. */
  manifests: z.array(ReportedManifest),
});
export type ScanReport = z.infer<typeof ScanReport>;
