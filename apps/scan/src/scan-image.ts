import {
  decidedRegistryEvent,
  type Digest,
  type OutcomeImage,
  type RegistryEvent,
} from '@pratique/contracts';
import type { Descriptor } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import { askChecks } from './ask-checks.js';
import { decideQuarantine, type QuarantineResult } from './decide-quarantine.js';
import { examineImage } from './examine-image.js';
import { judgeScan, type PolicyJudgement } from './judge-scan.js';
import {
  imageOf,
  type Judgement,
  outcomeOfFailure,
  outcomeOfObservation,
  outcomeOfRelease,
  outcomeOfRetention,
  outcomeOfVerdict,
  outcomeOfWaiting,
  type ScanOutcome,
  sentenceOf,
} from './scan-outcome.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { Scanners } from './scanners/scanners.js';
import { namesOf, type ScanPolicy } from './scan-policy.js';

/** One scan of one image. */
export interface Scan {
  event: RegistryEvent;
  connection: RegistryConnection;
  policies: readonly ScanPolicy[];
  limits?: ScanLimits | undefined;
  /** Whom checks may ask; without one that a policy names, there is no verdict. */
  scanners?: Scanners | undefined;
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
  const rule = namesOf(scan.policies);
  const found = await resolve(scan);
  if (found === undefined) return imageGone({ image: imageOf(scan.event), rule, started });
  const image = { ...imageOf(scan.event), digest: found.digest };
  const { client } = scan.connection;
  const { repository, digest } = image;
  const examined = await examineImage({ ...scan, client, repository, digest });
  const now = new Date();
  const manifests = await askChecks(examined, {
    ...{ client, repository, now },
    policies: scan.policies,
    scanners: scan.scanners ?? new Map(),
    signal: scan.signal,
  });
  const judged = judgeScan({ ...scan, ...image, manifests, now });
  const about = { image, durationMs: elapsed(started) };
  const observed = judged.observed.map((judgement) => outcomeOfObservation({ ...about, ...told(judgement) }));
  if (judged.enforced === undefined) {
    const waits = scan.connection.quarantine === undefined ? [] : [outcomeOfWaiting(image, rule)];
    return { outcomes: [...observed, ...waits], cleared: undefined };
  }
  const judgement = { ...about, ...told(judged.enforced) };
  const quarantine = await act(scan, judgement, judged.enforced.verdicts);
  if (quarantine === 'gone') return imageGone({ image, rule, started });
  const { verdict } = judgement;
  return {
    outcomes: [outcomeOfVerdict(judgement), ...observed, ...outcomeOfQuarantine(quarantine, judgement)],
    cleared: verdict.status === 'passed' ? clearedEvent(scan.event, judgement, found) : undefined,
    ...(verdict.status === 'error' && verdict.retryable && { askAgain: verdict.message }),
  };
}

function told({
  policies,
  verdict,
  manifests,
}: PolicyJudgement): Pick<Judgement, 'rule' | 'verdict' | 'manifests'> {
  return { rule: namesOf(policies), verdict, manifests };
}

/** What the event is about, as the registry has it now. After this, only the digest is used. */
async function resolve({ event, connection, signal }: Scan): Promise<Descriptor | undefined> {
  const { repository, digest, tag } = event.data;
  const reference = digest ?? tag;
  if (reference === undefined) return undefined;
  return await connection.client.resolve(repository, reference, { signal });
}

async function act(
  { connection: { quarantine }, signal }: Scan,
  judgement: Judgement,
  manifests: PolicyJudgement['verdicts'],
): Promise<QuarantineResult | 'none'> {
  if (quarantine === undefined) return 'none';
  const { verdict, image } = judgement;
  const message = sentenceOf(judgement);
  return await decideQuarantine({
    quarantine,
    repository: image.repository,
    verdict,
    manifests,
    message,
    signal,
  });
}

function outcomeOfQuarantine(result: QuarantineResult | 'none', judgement: Judgement): ScanOutcome[] {
  const { verdict, image, rule } = judgement;
  if (result === 'none') return [];
  if (verdict.status === 'passed') return [outcomeOfRelease(judgement)];
  return [outcomeOfRetention(image, { status: verdict.status, rule })];
}

function clearedEvent(event: RegistryEvent, { image, rule }: Judgement, found: Descriptor): RegistryEvent {
  return decidedRegistryEvent('cleared', event, {
    ...image,
    mediaType: found.mediaType,
    ...(event.data.artifactType !== undefined && { artifactType: event.data.artifactType }),
    size: found.size,
    occurredAt: new Date().toISOString(),
    receivedAt: event.data.receivedAt,
    decidedBy: rule,
  });
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
