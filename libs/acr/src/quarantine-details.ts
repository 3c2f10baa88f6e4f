import { z } from 'zod';

const Severity = z.enum(['Critical', 'High', 'Medium', 'Low', 'None']);

/**
 * What is told with a verdict. Azure keeps it as a string of JSON and shows it to whoever may read the quarantine state.
 * https://github.com/Azure/acr/blob/main/docs/preview/quarantine/quarantine-details/schema.json
 */
export const QuarantineDetails = z.strictObject({
  /** A few words: `scan passed`. */
  state: z.string().max(256),
  /** Where the whole report is. */
  link: z.url().max(1024).optional(),
  result: z
    .strictObject({
      version: z.string().max(64),
      summary: z.array(z.strictObject({ severity: Severity, count: z.int().nonnegative() })).max(5),
      description: z.string().max(1024).optional(),
    })
    .optional(),
});
export type QuarantineDetails = z.infer<typeof QuarantineDetails>;
