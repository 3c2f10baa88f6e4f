import { z } from 'zod';

/** The section `quarantine` of `pratique.yaml`: how often it is compared with the verdicts that were given. */
export const QuarantineSection = z
  .strictObject({
    reconcile: z
      .enum(['on', 'off'])
      .default('on')
      .describe('off: where nobody but Pratique may lose or lift it'),
    everyMinutes: z
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .default(60)
      .describe('Every waiting and released image of each registry with a quarantine is looked at'),
  })
  .prefault({});
export type QuarantineSection = z.output<typeof QuarantineSection>;
