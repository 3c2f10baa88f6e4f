import { z } from 'zod';

/** The section `reconcile`: how often sources and targets are compared, so that a lost webhook is found. */
export const ReconcileSettings = z.strictObject({
  /** `off` where something else does it, such as a scheduled `pratique reconcile`. */
  schedule: z.enum(['on', 'off']).default('on'),
  everyMinutes: z
    .number()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
  atStart: z.boolean().default(true),
  /** How long a difference has to last before it is told of: until then it may be an event that is on its way. */
  settleSeconds: z.number().min(0).max(3600).default(120),
  /** Requests to all registries together. */
  requestsPerSecond: z.number().positive().max(1000).default(20),
  /** Events that one run publishes; what is still missing then is found by the next. */
  maxEvents: z.int().min(1).max(100_000).default(5_000),
});
export type ReconcileSettings = z.infer<typeof ReconcileSettings>;
