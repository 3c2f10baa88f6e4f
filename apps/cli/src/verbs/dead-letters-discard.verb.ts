import { discardDeadLetters } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { selected, selectionOptions, yesOption } from '../dead-letter-selection.js';
import { settleSelected } from '../settle-selected.js';
import { defineVerb } from '../verb.js';

export const deadLettersDiscardVerb = defineVerb({
  name: 'dead-letters discard',
  summary: 'throw dead letters away',
  description: `
Shows the dead letters that were chosen, asks, and takes exactly those out of the queue for good. What was recorded
about them stays in the ledger; the messages themselves are gone.`,
  options: { ...selectionOptions, ...yesOption, ...brokerOptions },
  examples: [
    'pratique dead-letters discard --subscription scan --id 7ntA51KbfVgWp_zZafZpNnWPgIaNBHgIfXJh-4RB2Ro',
    'pratique dead-letters show --subscription scan --all --json > kept.json && pratique dead-letters discard --subscription scan --all --yes',
  ],
  exitCodes: { 0: 'all of them are gone', 1: 'not all of them are, or the answer was no' },
  run: async ({ subscription, limit, id, all, yes, ...broker }, console) => {
    const selection = selected({ subscription, limit, id, all });
    const words = { act: 'Discard', done: 'was discarded' };
    const settings = brokerSettings(broker);
    return settleSelected(
      { settings, selection, yes: yes === true, words, settle: discardDeadLetters },
      console,
    );
  },
});
