import { peekDeadLetters } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { contentLines } from '../dead-letter-lines.js';
import { selected, selectionOptions } from '../dead-letter-selection.js';
import { missingIds } from '../settle-selected.js';
import { defineVerb } from '../verb.js';

export const deadLettersShowVerb = defineVerb({
  name: 'dead-letters show',
  summary: 'show everything that is in dead letters',
  description: `
Shows dead letters whole: why they were given up, their properties and their data. They are only peeked at. Where a
message comes from a stranger, so does what is shown; characters that would command a terminal are replaced.`,
  options: { ...selectionOptions, ...brokerOptions },
  examples: [
    'pratique dead-letters show --subscription scan --id 7ntA51KbfVgWp_zZafZpNnWPgIaNBHgIfXJh-4RB2Ro',
    'pratique dead-letters show --subscription scan --all --limit 5 --json',
  ],
  exitCodes: { 0: 'it was shown', 1: 'there is none with that id, or the broker cannot be read' },
  run: async ({ subscription, limit, id, all, ...broker }, console) => {
    const selection = selected({ subscription, limit, id, all });
    const progress = console.progress('dead letters looked at');
    const { letters, more } = await peekDeadLetters(brokerSettings(broker), {
      ...selection,
      onProgress: (seen) => progress.at(seen),
    }).finally(() => progress.end());
    const missing = missingIds(selection, letters);
    return {
      exitCode: missing.length === 0 ? 0 : 1,
      document: { subscription: selection.subscription, more, missing, deadLetters: letters },
      lines: [
        ...letters.flatMap((letter) => [...contentLines(letter), '']),
        ...missing.map((each) => `There is no dead letter ${each} in ${selection.subscription}.`),
        ...(letters.length + missing.length === 0 ? [`${selection.subscription} has no dead letters.`] : []),
      ],
    };
  },
});
