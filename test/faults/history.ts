import type { Outcome } from '@pratique/contracts';
import { clearanceOf, pushOf, scanOutcome, syncOutcome } from './images.js';
import type { FaultPlan, ImagePlan } from './fault-plan.js';

/** What happened, as far as anybody outside of the workers can tell. */
export class History {
  readonly #started = performance.now();
  readonly #lines: string[] = [];
  /** How often each effect took place: `released <image>`, `copied <image>`. */
  readonly effects = new Map<string, number>();
  /** Ids of the outcomes that Event Hubs stored. */
  readonly outcomes = new Set<string>();
  /** Ids that belong to earlier seeds: a repetition of theirs may still be on its way. */
  readonly earlier = new Set<string>();
  /** Names of the images whose event the broker accepted. */
  readonly accepted = new Set<string>();

  get length(): number {
    return this.#lines.length;
  }

  note(line: string): void {
    const ms = (performance.now() - this.#started).toFixed(1);
    this.#lines.push(`${ms.padStart(8)} ms  ${line}`);
  }

  /** The registry does what it is told once; after that it is there already. */
  effect(what: 'released' | 'copied', image: string): void {
    const key = `${what} ${image}`;
    if (this.effects.has(key)) return;
    this.effects.set(key, 1);
    this.note(key);
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}

export interface Remains {
  pending: number;
  deadLettered: number;
}

/** The outcomes that the plan's images must lead to; a dead letter's own is not among them. */
export function expectedOutcomes({ images }: FaultPlan): Outcome[] {
  return images
    .filter(({ poison }) => !poison)
    .flatMap(({ name }) => [scanOutcome(pushOf(name)), syncOutcome(clearanceOf(pushOf(name)))]);
}

/** What is wrong with a history: empty when every accepted event has its one effect and one outcome, and nothing is left. */
export function checkHistory(plan: FaultPlan, history: History, remains: Remains): string[] {
  const expected = expectedOutcomes(plan);
  const ids = new Set(expected.map(({ id }) => id));
  const poison = plan.images.filter((image) => image.poison).length;
  const strangers = [...history.outcomes].filter((id) => !ids.has(id) && !history.earlier.has(id)).length;
  // A lost lock may let two workers give up the same poison, which then lies there twice; anything else never does.
  const wrongDeadLetters = poison === 0 ? remains.deadLettered > 0 : remains.deadLettered < poison;
  return [
    ...plan.images.flatMap((image) => missingOf(image, history)),
    ...expected
      .filter(({ id }) => !history.outcomes.has(id))
      .map(({ type, subject }) => `no outcome ${type} of ${subject}`),
    ...(strangers === poison
      ? []
      : [`${strangers} outcomes that nothing led to, where ${poison} were expected`]),
    ...(wrongDeadLetters ? [`${remains.deadLettered} dead letters of ${poison} poison messages`] : []),
    ...(remains.pending > 0 ? [`${remains.pending} messages are still pending`] : []),
  ];
}

function missingOf({ name, poison }: ImagePlan, { accepted, effects }: History): string[] {
  const wanted = poison ? [] : [`released ${name}`, `copied ${name}`];
  return [
    ...(accepted.has(name) ? [] : [`${name} was never accepted`]),
    ...wanted.filter((effect) => effects.get(effect) !== 1).map((effect) => `never ${effect}`),
  ];
}
