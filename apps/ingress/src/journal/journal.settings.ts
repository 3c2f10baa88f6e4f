import { z } from 'zod';

const mebibyte = 1024 * 1024;

/** The section `journal` of `pratique.yaml`: where ingress keeps deliveries while the broker is away. */
export const JournalSettings = z.strictObject({
  directory: z
    .string()
    .min(1)
    .max(4096)
    .describe('A folder of its own for each process, on a disk that outlives it'),
  maxBytes: z
    .int()
    .min(mebibyte)
    .max(1024 * 1024 * mebibyte)
    .default(128 * mebibyte)
    .describe('Above it deliveries are answered 503; one takes about a kilobyte'),
  maxDeliveries: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .describe('Above it deliveries are answered 503 too'),
});
export type JournalSettings = z.output<typeof JournalSettings>;
