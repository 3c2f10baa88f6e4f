import {
  type MessagingSettings,
  peekDeadLetters,
  type PeekOptions,
  type SettledDeadLetters,
  type SettleOptions,
} from '@pratique/messaging';
import type { Console } from './console.js';
import { listLines, settledLines } from './dead-letter-lines.js';
import { UsageError } from './usage-error.js';
import type { Answer } from './verb.js';

const noneDone: SettledDeadLetters = { done: [], stillThere: [], notFound: [] };

export interface Settling {
  settings: MessagingSettings;
  selection: Pick<PeekOptions, 'subscription' | 'limit' | 'ids'>;
  /** Do not ask. */
  yes: boolean;
  /** What is about to happen, as in "replay", and what has happened, as in "was replayed". */
  words: { act: string; done: string };
  settle: (settings: MessagingSettings, options: SettleOptions) => Promise<SettledDeadLetters>;
}

/** Shows the dead letters that were chosen, asks, and deals with exactly those: what arrives meanwhile is left alone. */
export async function settleSelected(
  { settings, selection, yes, words, settle }: Settling,
  console: Console,
): Promise<Answer> {
  if (!yes && !console.canAsk)
    throw new UsageError(`Nobody can be asked here: add --yes to ${words.act.toLowerCase()} without asking`);
  const { letters } = await peekDeadLetters(settings, selection);
  const missing = missingIds(selection, letters);
  if (letters.length === 0) return nothingToDo(missing, selection.subscription);
  letters.flatMap(listLines).forEach((line) => console.tell(line));
  if (!yes && !(await console.confirm(questionOf(words.act, letters.length)))) {
    return { exitCode: 1, document: { ...noneDone, missing }, lines: ['Nothing was changed.'] };
  }
  const progress = console.progress(words.act, letters.length);
  const settled = await settle(settings, {
    subscription: selection.subscription,
    sequenceNumbers: letters.map(({ sequenceNumber }) => sequenceNumber),
    onProgress: (count) => progress.at(count),
  }).finally(() => progress.end());
  const whole = settled.stillThere.length + settled.notFound.length + missing.length === 0;
  return {
    exitCode: whole ? 0 : 1,
    document: { ...settled, missing },
    lines: [...missing.map(missingLine), ...settledLines(words.done, settled)],
  };
}

function questionOf(act: string, count: number): string {
  return `${act} ${count === 1 ? 'this one' : `these ${count}`}?`;
}

/** Of the ids that were asked for, those that no dead letter has. */
export function missingIds(
  { ids = [] }: Pick<PeekOptions, 'ids'>,
  letters: readonly { id: string }[],
): string[] {
  return ids.filter((id) => !letters.some((letter) => letter.id === id));
}

function nothingToDo(missing: readonly string[], subscription: string): Answer {
  return {
    exitCode: missing.length === 0 ? 0 : 1,
    document: { ...noneDone, missing },
    lines: missing.length === 0 ? [`${subscription} has no dead letters.`] : missing.map(missingLine),
  };
}

function missingLine(id: string): string {
  return `There is no dead letter ${id}: pratique dead-letters list shows those that there are.`;
}
