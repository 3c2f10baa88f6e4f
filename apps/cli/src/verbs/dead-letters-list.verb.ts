import { peekDeadLetters } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { listLines } from '../dead-letter-lines.js';
import { listed, listOptions } from '../dead-letter-selection.js';
import { defineVerb } from '../verb.js';

export const deadLettersListVerb = defineVerb({
  name: 'dead-letters list',
  summary: 'list the messages that a subscription has given up',
  description: `
Lists dead letters, the oldest first: id, time, event, and why they were given up. They are only peeked at: nothing is
locked, taken or changed, and workers are not disturbed.`,
  options: { ...listOptions, ...brokerOptions },
  examples: [
    'pratique dead-letters list --subscription scan',
    'pratique dead-letters list --subscription sync --json | jq -r ".deadLetters[].id"',
  ],
  exitCodes: { 0: 'there are none', 1: 'there are some, or the broker cannot be read' },
  run: async ({ subscription, limit, ...broker }, console) => {
    const selection = listed({ subscription, limit });
    const progress = console.progress('dead letters looked at');
    const { letters, more } = await peekDeadLetters(brokerSettings(broker), {
      ...selection,
      onProgress: (seen) => progress.at(seen),
    }).finally(() => progress.end());
    const count = letters.length === 1 ? '1 dead letter' : `${letters.length} dead letters`;
    return {
      exitCode: letters.length === 0 ? 0 : 1,
      document: {
        subscription: selection.subscription,
        more,
        deadLetters: letters.map(({ properties: _properties, body: _body, ...letter }) => letter),
      },
      lines: [
        ...letters.flatMap(listLines),
        `${selection.subscription} has ${letters.length === 0 ? 'no dead letters' : count}${more ? ' and more: raise --limit' : ''}.`,
      ],
    };
  },
});
