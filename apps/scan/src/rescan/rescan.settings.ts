import { ImagePattern } from '@pratique/config';
import { RegistryName } from '@pratique/contracts';
import { z } from 'zod';

const hour = 60 * 60 * 1000;
const units = { m: 60_000, h: hour, d: 24 * hour };

/** `12h`, `7d`: becomes milliseconds. */
const Interval = z
  .string()
  .regex(/^[1-9][0-9]{0,3}[mhd]$/, 'is not an interval: write 30m, 12h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units]);

/** The section `rescan` of `pratique.yaml`: which images are scanned again although nobody has pushed anything. */
export const RescanSection = z
  .array(
    z.strictObject({
      registry: RegistryName,
      repositories: z
        .array(ImagePattern)
        .min(1, 'names no repository: write globs such as team-*/**')
        .max(1000),
      every: Interval.describe('30m, 12h, 7d: from the start of 1970 in UTC, so that all workers agree'),
      whenDatabaseChanges: z
        .boolean()
        .default(true)
        .describe('Also when a scanner has a new database; looked at every quarter of an hour'),
      onFailure: z
        .enum(['quarantine', 'report'])
        .default('quarantine')
        .describe('report: an image that no longer passes is told of and stays pullable'),
    }),
  )
  .max(1000)
  .default([]);
export type RescanSection = z.output<typeof RescanSection>;
