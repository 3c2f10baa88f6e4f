import type { Digest } from '@pratique/contracts';
import type { KeptVerdict } from './attestation/verdict-records.js';
import type { Quarantine } from './quarantine/quarantine.js';
import {
  type Judgement,
  outcomeOfRelease,
  outcomeOfRetention,
  outcomeOfReversal,
  type ScanOutcome,
} from './scan-outcome.js';
import type { Verdict } from './verdict.js';

export interface VerdictToActOn {
  quarantine: Quarantine | undefined;
  judgement: Judgement;
  /** On everything that the image reaches, children before those that name them. */
  verdicts: ReadonlyMap<Digest, Verdict>;
  /** Why, in a sentence. */
  message: string;
  kept: KeptVerdict;
  /** What becomes of an image that was released and no longer passes. */
  onFailure: 'quarantine' | 'report';
  signal: AbortSignal;
}

export interface ActedVerdict {
  outcomes: ScanOutcome[];
  /** Whether the image had been let through before and would not be now. */
  reversed: boolean;
}

/**
 * Does in the registry what a verdict says. The verdict before stays in force until this one is final: an `error` changes
 * nothing.
 *
 * @returns `gone` where part of the image was deleted meanwhile
 * @throws OciError, the signal's reason
 */
export async function actOnVerdict(acting: VerdictToActOn): Promise<ActedVerdict | 'gone'> {
  const { quarantine, judgement, kept, onFailure } = acting;
  const { verdict } = judgement;
  const reversed = isRefusal(verdict) && (await wasLetThrough(acting));
  if (quarantine === undefined) return { outcomes: [], reversed };
  if (reversed && onFailure === 'report') {
    return { outcomes: [outcomeOfReversal(judgement, 'left-open')], reversed };
  }
  const result = await decide(quarantine, acting);
  if (result === 'gone') return 'gone';
  if (reversed) return { outcomes: [outcomeOfReversal(judgement, 'revoked')], reversed };
  // A release that is only confirmed is none.
  if (result === 'released' && kept.previous === 'passed') return { outcomes: [], reversed };
  return { outcomes: [outcomeOf(verdict, judgement, quarantine)], reversed };
}

function isRefusal({ status }: Verdict): boolean {
  return status === 'failed' || status === 'unscannable';
}

/** By what we have signed, and by what the registry says: either may have been lost to a crash. */
async function wasLetThrough({ quarantine, judgement, kept, signal }: VerdictToActOn): Promise<boolean> {
  if (kept.previous === 'passed') return true;
  const { repository, digest } = judgement.image;
  return (await quarantine?.standing({ repository, digest, signal })) === 'released';
}

async function decide(
  quarantine: Quarantine,
  { judgement, verdicts, message, signal }: VerdictToActOn,
): ReturnType<Quarantine['decide']> {
  const { image, verdict } = judgement;
  const { repository, digest, tag } = image;
  return await quarantine.decide({ repository, digest, tag, verdict, manifests: verdicts, message, signal });
}

function outcomeOf(verdict: Verdict, judgement: Judgement, quarantine: Quarantine): ScanOutcome {
  const { image, rule } = judgement;
  if (verdict.status !== 'passed') return outcomeOfRetention(image, { status: verdict.status, rule });
  const repository = quarantine.destination(image.repository);
  const moved = repository !== undefined && repository !== image.repository;
  return outcomeOfRelease(judgement, moved ? { ...image, repository } : undefined);
}
