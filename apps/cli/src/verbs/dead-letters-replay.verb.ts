import { replayDeadLetters } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { selected, selectionOptions, yesOption } from '../dead-letter-selection.js';
import { settleSelected } from '../settle-selected.js';
import { defineVerb } from '../verb.js';

export const deadLettersReplayVerb = defineVerb({
  name: 'dead-letters replay',
  summary: 'send dead letters again, to the subscription that gave them up',
  description: `
Sends each dead letter again, for this subscription only, and takes it out of the queue once the broker has it. The
message has a new id and all its attempts before it; the event in it is the same with the same id, so that whatever
part of its work was done is not done twice. Stopping it half-way, or running it again, loses nothing, and the effect
of each event stays single.

What is given up again meanwhile is a new dead letter, and is left for the next time.`,
  options: { ...selectionOptions, ...yesOption, ...brokerOptions },
  examples: [
    'pratique dead-letters replay --subscription scan --all',
    'pratique dead-letters replay --subscription sync --id 7ntA51KbfVgWp_zZafZpNnWPgIaNBHgIfXJh-4RB2Ro --yes',
  ],
  exitCodes: { 0: 'all of them were replayed', 1: 'not all of them were, or the answer was no' },
  run: async ({ subscription, limit, id, all, yes, ...broker }, console) => {
    const selection = selected({ subscription, limit, id, all });
    const words = { act: 'Replay', done: 'was replayed' };
    const settings = brokerSettings(broker);
    return settleSelected(
      { settings, selection, yes: yes === true, words, settle: replayDeadLetters },
      console,
    );
  },
});
