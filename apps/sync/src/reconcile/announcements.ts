import type { CompiledRule } from '../compiled-rule.js';
import type { Finding } from './reconciled-event.js';

// Enough for the images of a large registry, at some hundred bytes each.
const maxRemembered = 100_000;

/**
 * Remembers what was told for rules that wait for a decision. An image that was refused is missing at the target for ever, and
 * telling of it in every run would have it scanned in every run.
 */
export class Announcements {
  readonly #told = new Set<string>();

  isNew(finding: Finding, rules: readonly CompiledRule[]): boolean {
    const rule = rules.find(({ name }) => name === finding.copy.rule);
    return rule?.when === 'pushed' || finding.state === 'left-over' || !this.#told.has(keyOf(finding));
  }

  add(finding: Finding): void {
    this.#told.add(keyOf(finding));
    const [oldest] = this.#told;
    if (this.#told.size > maxRemembered && oldest !== undefined) this.#told.delete(oldest);
  }
}

function keyOf({ copy: { rule, source, target }, source: digest }: Finding): string {
  return [rule, target.registry, source.repository, source.tag, digest].join(' ');
}
