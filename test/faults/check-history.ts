import type { Outcome } from '@pratique/contracts';
import type { FaultPlan, ImagePlan } from './fault-plan.js';
import type { History } from './history.js';
import { clearanceOf, pushOf, scanOutcome, syncOutcome } from './images.js';

/** What the broker has at the end. */
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
  const poison = plan.images.filter((image) => image.poison).length;
  return [
    ...plan.images.flatMap((image) => wrongEffects(image, history)),
    ...needlessActs(history),
    ...wrongOutcomes(plan, history, poison),
    ...(wrongDeadLetters(remains, poison)
      ? [`${remains.deadLettered} dead letters of ${poison} poison messages`]
      : []),
    ...(remains.pending > 0 ? [`${remains.pending} messages are still pending`] : []),
  ];
}

function wrongEffects({ name, poison }: ImagePlan, { accepted, effects }: History): string[] {
  return [
    ...(accepted.has(name) ? [] : [`${name} was never accepted`]),
    ...[`released ${name}`, `copied ${name}`].flatMap((effect) => {
      const times = effects.get(effect)?.size ?? 0;
      if (poison) return times > 0 ? [`${effect}, a poison`] : [];
      if (times === 0) return [`never ${effect}`];
      return times > 1 ? [`${effect} 2 times or more`] : [];
    }),
  ];
}

/** A repetition is harmless, and still only a delivery is a reason to act. */
function needlessActs({ acts, deliveries }: History): string[] {
  return [
    { service: 'scan', acted: acts.released, delivered: deliveries.scan },
    { service: 'sync', acted: acts.copied, delivered: deliveries.sync },
  ]
    .filter(({ acted, delivered }) => acted > delivered)
    .map(({ service, acted, delivered }) => `${acted} acts of ${service} for ${delivered} deliveries`);
}

/** Of each expected outcome one id, and no id beside those but one for each poison. */
function wrongOutcomes(plan: FaultPlan, { outcomes, earlier }: History, poison: number): string[] {
  const expected = expectedOutcomes(plan);
  const ids = new Set(expected.map(({ id }) => id));
  const strangers = [...outcomes].filter((id) => !ids.has(id) && !earlier.has(id)).length;
  return [
    ...expected
      .filter(({ id }) => !outcomes.has(id))
      .map(({ type, subject }) => `no outcome ${type} of ${subject}`),
    ...(strangers === poison
      ? []
      : [`${strangers} outcomes that nothing led to, where ${poison} were expected`]),
  ];
}

/** A lost lock may let two workers give up the same poison, which then lies there twice; anything else never does. */
function wrongDeadLetters({ deadLettered }: Remains, poison: number): boolean {
  return poison === 0 ? deadLettered > 0 : deadLettered < poison;
}
