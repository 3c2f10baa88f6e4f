import { type Digest, type OutcomeImage, type RegistryEvent, type RepositoryName } from '@pratique/contracts';
import type { Descriptor } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import { actOnVerdict } from './act-on-verdict.js';
import { VerdictRecords } from './attestation/verdict-records.js';
import { askChecks } from './ask-checks.js';
import { buildScanReport } from './build-scan-report.js';
import type { ScannerIdentity } from './checks/scanner-identity.js';
import { clearedEvent } from './cleared-event.js';
import { examineImage } from './examine-image.js';
import { judgeScan, type PolicyJudgement } from './judge-scan.js';
import type { Quarantine } from './quarantine/quarantine.js';
import { recordedOutcome } from './recorded-outcome.js';
import { isRescan } from './rescan/rescan-event.js';
import {
  imageOf,
  type Judgement,
  outcomeOfFailure,
  outcomeOfObservation,
  outcomeOfVerdict,
  outcomeOfWaiting,
  type ScanOutcome,
  sentenceOf,
} from './scan-outcome.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { Scanners } from './scanners/scanners.js';
import { namesOf, type ScanPolicy } from './scan-policy.js';
import { unreadableBy } from './unreadable.js';
import type { ExaminedManifest, Unreadable } from './verdict.js';

/** One scan of one image. */
export interface Scan {
  event: RegistryEvent;
  connection: RegistryConnection;
  policies: readonly ScanPolicy[];
  limits?: ScanLimits | undefined;
  /** Where the image waits, if it does. */
  quarantine?: Quarantine | undefined;
  /** What is kept of a verdict; by default nothing is. */
  records?: VerdictRecords | undefined;
  /** What becomes of an image that was released and no longer passes; default `quarantine`. */
  onFailure?: 'quarantine' | 'report' | undefined;
  /** Whom checks may ask; without one that a policy names, there is no verdict. */
  scanners?: Scanners | undefined;
  /** Hears whose word was asked for: every scanner, with the state of its database. */
  hearScanner?: ((scanner: ScannerIdentity) => unknown) | undefined;
  signal: AbortSignal;
}

/** What there is to tell when it is done, in the order in which it is told. */
export interface ScanResult {
  outcomes: ScanOutcome[];
  cleared: RegistryEvent | undefined;
  /** Why the same scan may come to a verdict later, if it may: nothing was done about the image. */
  askAgain?: string;
}

/**
 * Scans the image of an event and acts on the verdict in the registry. Doing it twice changes nothing: everything is by
 * digest, the registry is asked before it is changed, and what is to be told has ids that come from the event.
 *
 * @throws OciError where the registry fails, the signal's reason when aborted
 */
export async function scanImage(scan: Scan): Promise<ScanResult> {
  const started = performance.now();
  const startedAt = new Date();
  const rule = namesOf(scan.policies);
  const found = await resolve(scan);
  if (found === undefined) return imageGone({ image: imageOf(scan.event), rule, started });
  const image = { ...imageOf(scan.event), digest: found.digest };
  if (await isOurs(scan, found)) return { outcomes: [], cleared: undefined };
  const { client } = scan.connection;
  const { repository, digest } = image;
  const examined = isUnreadable(found)
    ? [noManifest(found)]
    : await examineImage({ ...scan, client, repository, digest });
  const now = new Date();
  const manifests = await askChecks(examined, {
    ...{ client, repository, now, again: isRescan(scan.event) },
    policies: scan.policies,
    scanners: scan.scanners ?? new Map(),
    signal: scan.signal,
  });
  for (const scanner of scannersIn(manifests)) scan.hearScanner?.(scanner);
  const known = knownAs(scan);
  const judged = judgeScan({ ...scan, digest, repository: known, manifests, now });
  const about = { image, durationMs: elapsed(started) };
  const report = await scan.records?.keepReport(() =>
    buildScanReport({
      ...{ image, eventId: scan.event.id, policies: scan.policies, judged, startedAt },
      finishedAt: new Date(),
    }),
  );
  const observed = judged.observed.map((judgement) => outcomeOfObservation({ ...about, ...told(judgement) }));
  if (judged.enforced === undefined) {
    const waits = scan.quarantine === undefined ? [] : [outcomeOfWaiting(image, rule)];
    return { outcomes: [...observed, ...waits], cleared: undefined };
  }
  const ended = await end(scan, { judged: judged.enforced, about, known, found, report });
  if (ended === 'gone') return imageGone({ image, rule, started });
  const [verdict, ...quarantine] = ended.outcomes;
  return { ...ended, outcomes: [...(verdict ? [verdict] : []), ...observed, ...quarantine] };
}

/** What a registry has under a digest though it is no manifest that can be read. */
interface UnreadableImage {
  digest: Digest;
  unreadable: Unreadable;
}

type FoundImage = Descriptor | UnreadableImage;

function isUnreadable(found: FoundImage): found is UnreadableImage {
  return 'unreadable' in found;
}

function noManifest({ digest, unreadable }: UnreadableImage): ExaminedManifest {
  return { digest, kind: 'index', children: [], unreadable };
}

interface JudgedImage {
  judged: PolicyJudgement;
  about: Pick<Judgement, 'image' | 'durationMs'>;
  known: RepositoryName;
  found: FoundImage;
  /** Digest of the report, where it is kept. */
  report: Digest | undefined;
}

/** Keeps a verdict, then acts on it: what cannot be signed is not acted on. The outcome of the verdict is the first. */
async function end(
  scan: Scan,
  { judged, about, known, found, report }: JudgedImage,
): Promise<ScanResult | 'gone'> {
  const { event, quarantine, records = new VerdictRecords(), onFailure = 'quarantine', signal } = scan;
  const judgement = { ...about, ...told(judged) };
  const { image, verdict } = judgement;
  const kept = await records.keep({
    ...scan,
    quarantine,
    image,
    known,
    judgement: judged,
    report,
  });
  const acted = await actOnVerdict({
    ...{ quarantine, judgement, verdicts: judged.verdicts, kept, onFailure, signal },
    message: sentenceOf(judgement),
  });
  if (acted === 'gone') return 'gone';
  const isNews = verdict.status === 'passed' && !(isRescan(event) && kept.previous === 'passed');
  return {
    outcomes: [recordedOutcome(outcomeOfVerdict(judgement), kept, acted.reversed), ...acted.outcomes],
    cleared:
      isNews && !isUnreadable(found)
        ? clearedEvent(event, { ...judgement, image: { ...image, repository: known } }, found)
        : undefined,
    ...(verdict.status === 'error' && verdict.retryable && { askAgain: verdict.message }),
  };
}

/** What we have attached to an image comes here as an image of its own; it is let through, and not looked at further. */
async function isOurs(
  { connection, records, quarantine, event, signal }: Scan,
  found: FoundImage,
): Promise<boolean> {
  if (isUnreadable(found)) return false;
  const { repository } = event.data;
  const ours = (await records?.isOwn(connection, { repository, found, signal })) === true;
  if (ours) await quarantine?.admit({ repository, digest: found.digest, signal });
  return ours;
}

function scannersIn(manifests: readonly ExaminedManifest[]): ScannerIdentity[] {
  return manifests.flatMap((manifest) =>
    manifest.kind === 'image' ? manifest.checks.flatMap(({ scanner }) => scanner ?? []) : [],
  );
}

function knownAs({ quarantine, event }: Scan): RepositoryName {
  return quarantine?.destination(event.data.repository) ?? event.data.repository;
}

function told({
  policies,
  verdict,
  manifests,
}: PolicyJudgement): Pick<Judgement, 'rule' | 'verdict' | 'manifests'> {
  return { rule: namesOf(policies), verdict, manifests };
}

/** What the event is about, as the registry has it now. After this, only the digest is used. */
async function resolve({ event, connection, signal }: Scan): Promise<FoundImage | undefined> {
  const { repository, digest, tag } = event.data;
  const reference = digest ?? tag;
  if (reference === undefined) return undefined;
  try {
    return await connection.client.resolve(repository, reference, { signal });
  } catch (error) {
    // Of a tag it is not known which bytes are so; there is no verdict without a digest.
    const unreadable = digest === undefined ? undefined : unreadableBy(error);
    if (digest === undefined || unreadable === undefined) throw error;
    return { digest, unreadable };
  }
}

function imageGone({
  started,
  ...about
}: {
  image: OutcomeImage & { digest?: Digest | undefined };
  rule: string;
  started: number;
}): ScanResult {
  const failure = { reason: 'image-gone', severity: 'notice', message: 'it is no longer there.' } as const;
  return {
    outcomes: [outcomeOfFailure(failure, { ...about, durationMs: elapsed(started) })],
    cleared: undefined,
  };
}

function elapsed(started: number): number {
  return Math.round(performance.now() - started);
}
