import { type SubscriptionName, subscriptions } from '@pratique/contracts';
import type { PeekOptions } from '@pratique/messaging';
import { UsageError } from './usage-error.js';
import type { VerbOption } from './verb.js';

const subscriptionNames = Object.keys(subscriptions) as SubscriptionName[];

// More at once is rarely meant, and a person cannot look through it; a thousand may hold 64 MiB already.
const defaultLimit = 100;
const maxLimit = 1_000;

export const listOptions = {
  subscription: {
    type: 'string',
    value: 'NAME',
    help: `whose dead letters: ${subscriptionNames.join(', ')}; must be given`,
  },
  limit: { type: 'string', value: 'N', help: `at most so many, the oldest first; default ${defaultLimit}` },
} as const satisfies Record<string, VerbOption>;

export const selectionOptions = {
  ...listOptions,
  id: {
    type: 'string',
    multiple: true,
    value: 'ID',
    help: 'the one with this id, as list prints it; may be repeated',
  },
  all: { type: 'boolean', help: 'all of them, up to --limit' },
} as const satisfies Record<string, VerbOption>;

export const yesOption = {
  yes: { type: 'boolean', help: 'do not ask' },
} as const satisfies Record<string, VerbOption>;

interface Selection {
  subscription?: string | undefined;
  limit?: string | undefined;
  id?: string[] | undefined;
  all?: boolean | undefined;
}

/** Which dead letters to list. @throws UsageError */
export function listed({ subscription, limit }: Selection): Pick<PeekOptions, 'subscription' | 'limit'> {
  return { subscription: subscriptionOf(subscription), limit: limitOf(limit) };
}

/** Which dead letters were chosen: by their ids, or all. @throws UsageError */
export function selected(selection: Selection): Pick<PeekOptions, 'subscription' | 'limit' | 'ids'> {
  const { id: ids, all = false } = selection;
  if (all === (ids !== undefined)) {
    throw new UsageError('Say which dead letters: --id ID, once for each, or --all');
  }
  return { ...listed(selection), ids };
}

function subscriptionOf(name: string | undefined): SubscriptionName {
  const known = subscriptionNames.find((each) => each === name);
  if (known !== undefined) return known;
  const what = name === undefined ? 'Say whose dead letters' : `There is no subscription "${name}"`;
  throw new UsageError(`${what}: --subscription ${subscriptionNames.join(', ')}`);
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? defaultLimit);
  if (Number.isInteger(limit) && limit > 0 && limit <= maxLimit) return limit;
  throw new UsageError(`--limit must be a number from 1 to ${maxLimit}, not "${text ?? ''}"`);
}
