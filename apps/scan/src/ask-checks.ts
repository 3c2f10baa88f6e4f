import type { RepositoryName } from '@pratique/contracts';
import { OciError, type RegistryClient } from '@pratique/oci';
import { Attachments } from './attachments/attachments.js';
import { type AskingCheck, type CheckReport, isInspecting, type Question } from './checks/check.js';
import { wayTo } from './judge-scan.js';
import { NoAnswerError } from './scanners/no-answer-error.js';
import type { Scanners } from './scanners/scanners.js';
import { scanOnce } from './scanners/scan-once.js';
import { Turns } from './scanners/turns.js';
import type { ScanPolicy } from './scan-policy.js';
import type { ExaminedCheck, ExaminedManifest } from './verdict.js';

// Images of one index that are asked about at the same time; scanners have a bound of their own.
const atOnce = 4;

export interface Asking {
  client: RegistryClient;
  repository: RepositoryName;
  policies: readonly ScanPolicy[];
  scanners: Scanners;
  /** As of a {@link Question}. */
  again?: boolean | undefined;
  now: Date;
  signal: AbortSignal;
}

/**
 * Lets the checks that ask others have their turn, on every image that was read in full. Of one that was not, there is
 * nothing to ask: it cannot pass.
 *
 * @returns the manifests with those checks added
 * @throws what a registry fails with, and the signal's reason
 */
export async function askChecks(
  manifests: readonly ExaminedManifest[],
  asking: Asking,
): Promise<ExaminedManifest[]> {
  const attachments = new Map(
    manifests.map(({ digest }) => [digest, new Attachments({ ...asking, digest })]),
  );
  const turns = new Turns(atOnce);
  return await Promise.all(
    manifests.map(async (manifest) => {
      if (manifest.kind === 'index' || manifest.unreadable !== undefined) return manifest;
      const { digest } = manifest;
      const about = wayTo(digest, manifests).flatMap((each) => attachments.get(each) ?? []);
      const asked = await turns.take(() => askAbout({ digest, attachments: about }, asking), asking.signal);
      return { ...manifest, checks: [...manifest.checks, ...asked] };
    }),
  );
}

async function askAbout(
  about: Pick<Question, 'digest' | 'attachments'>,
  { policies, ...asking }: Asking,
): Promise<ExaminedCheck[]> {
  const question: Question = {
    ...asking,
    ...about,
    // Two policies that ask the same scanner about one image get one answer.
    scanners: scanOnce(asking.scanners),
  };
  const asked = policies.flatMap((policy) =>
    policy.checks.flatMap((check) => (isInspecting(check) ? [] : [{ policy: policy.name, check }])),
  );
  return await Promise.all(
    asked.map(async ({ policy, check }) => ({ policy, kind: check.kind, ...(await ask(check, question)) })),
  );
}

/** One that breaks, or gets no answer, spoils its own result and nothing else. */
async function ask(check: AskingCheck, question: Question): Promise<Omit<ExaminedCheck, 'policy' | 'kind'>> {
  try {
    return await check.ask(question);
  } catch (error) {
    question.signal.throwIfAborted();
    if (error instanceof OciError) throw error;
    if (error instanceof NoAnswerError) return noAnswer(error);
    return crashed(error);
  }
}

function noAnswer({ reason, message, retryable }: NoAnswerError): Omit<ExaminedCheck, 'policy' | 'kind'> {
  return { result: 'no-answer', findings: [], noAnswer: { reason, message, retryable } };
}

function crashed(error: unknown): Omit<CheckReport, 'result'> & { result: 'crashed' } {
  const why = error instanceof Error ? error.message : 'something that is no error was thrown';
  const finding = {
    id: 'check-crashed',
    message: `The check broke: ${why}.`,
    mend: 'Tell the makers of Pratique: it is a bug, and until it is mended the image has no verdict.',
  };
  return { result: 'crashed', findings: [finding] };
}
