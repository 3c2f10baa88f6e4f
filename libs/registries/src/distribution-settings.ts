import { z } from 'zod';
import { baseSettings, PasswordCredentials } from './registry-settings.js';

/** Settings of a CNCF Distribution registry. */
export const DistributionSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('distribution'),
  credentials: PasswordCredentials.optional().describe('Without them, Pratique pulls and pushes anonymously'),
});
export type DistributionSettings = z.output<typeof DistributionSettings>;
