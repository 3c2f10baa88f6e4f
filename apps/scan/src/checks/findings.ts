import type { CheckReport, Finding } from './check.js';

// An image that has nothing right in it must not fill the memory with the reasons.
const defaultMost = 100;

/** What a check has found against a manifest: counts everything, and keeps as much as anybody reads. */
export class Findings {
  private readonly kept: Finding[] = [];
  private count = 0;

  constructor(private readonly most = defaultMost) {}

  add(finding: Finding): void {
    this.count += 1;
    if (this.kept.length < this.most) this.kept.push(finding);
  }

  /** @param judged whether the check has seen anything that it has an opinion on */
  report({ judged }: { judged: boolean }): CheckReport {
    if (this.count === 0) return { result: judged ? 'passed' : 'nothing-to-check', findings: [] };
    const unlisted = this.count - this.kept.length;
    return { result: 'failed', findings: this.kept, ...(unlisted > 0 && { unlisted }) };
  }
}
