import { z } from 'zod';

/**
 * `Quarantined` is our word for "no verdict yet": Azure does not document what a fresh manifest says. `Passed` and
 * `Failed` are documented.
 */
export const QuarantineState = z.enum(['Quarantined', 'Passed', 'Failed']);
export type QuarantineState = z.infer<typeof QuarantineState>;

/** A verdict, or that there is none yet. */
export const QuarantineEntry = z.object({
  state: QuarantineState,
  details: z.string().optional(),
  /** The tag of the last push, which the release announces. */
  tag: z.string().optional(),
});
export type QuarantineEntry = z.infer<typeof QuarantineEntry>;

/** What the registry remembers of a manifest beside its bytes. Times are ISO 8601 in UTC. */
export const StoredManifest = z.object({
  digest: z.string(),
  mediaType: z.string(),
  size: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
  configMediaType: z.string().optional(),
  /** Set for manifests with a `subject`: all that the referrers API tells of them. */
  referrer: z
    .object({
      subject: z.string(),
      artifactType: z.string().optional(),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  quarantine: QuarantineEntry.optional(),
});
export type StoredManifest = z.infer<typeof StoredManifest>;

export const StoredTag = z.object({
  name: z.string(),
  digest: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type StoredTag = z.infer<typeof StoredTag>;
