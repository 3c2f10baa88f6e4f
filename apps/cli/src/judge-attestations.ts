import { type FoundStatements, verdictIn, type VerdictPredicate } from '@pratique/attestation';
import type { Digest } from '@pratique/contracts';

export interface Demands {
  /** Policies that must all have been applied; none: any. */
  policies: readonly string[];
  /** Milliseconds since the verdict; undefined: any. */
  maxAgeMs: number | undefined;
  now: Date;
}

export interface Judged {
  verified: boolean;
  /** A sentence. */
  message: string;
  /** The newest verdict with a good signature. */
  verdict?: VerdictPredicate | undefined;
  /** Of the artifact that carries it. */
  attestation?: Digest | undefined;
}

/** Whether what is attached to an image lets it through. The newest verdict counts, and an older, better one does not. */
export function judgeAttestations({ signed, ignored }: FoundStatements, demands: Demands): Judged {
  const verdicts = signed.flatMap(({ statement, digest }) => {
    const verdict = verdictIn(statement);
    return verdict === undefined ? [] : [{ verdict, attestation: digest }];
  });
  const newest = verdicts.toSorted((a, b) => decidedAt(b.verdict) - decidedAt(a.verdict))[0];
  if (newest === undefined) {
    const others =
      ignored.length === 0 ? '' : ` ${ignored.length} attached did not count: ${ignored[0]?.why ?? ''}`;
    return { verified: false, message: `No verdict with a good signature is attached to it.${others}` };
  }
  const why = objection(newest.verdict, demands);
  const { status } = newest.verdict.pratique;
  return { ...newest, verified: why === undefined, message: why ?? `The verdict is ${status}.` };
}

function objection(verdict: VerdictPredicate, { policies, maxAgeMs, now }: Demands): string | undefined {
  const { status, decidedAt: at, reason } = verdict.pratique;
  if (status !== 'passed')
    return `The newest verdict is ${status}${reason === undefined ? '' : `: ${reason}`}.`;
  const applied = verdict.configuration.map(({ name }) => name);
  const missing = policies.find((name) => !applied.includes(name));
  if (missing !== undefined) return `The policy ${missing} was not applied, only ${applied.join(', ')}.`;
  const ageMs = now.getTime() - decidedAt(verdict);
  if (maxAgeMs !== undefined && ageMs > maxAgeMs) return `The verdict is of ${at}, which is too old.`;
  return undefined;
}

function decidedAt({ pratique }: VerdictPredicate): number {
  return Date.parse(pratique.decidedAt);
}
