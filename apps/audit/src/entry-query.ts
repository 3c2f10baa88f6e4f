import { Digest } from '@pratique/contracts';
import { z } from 'zod';
import type { EntryQuery } from './entry-store.js';

const maxPage = 500;

function wholeNumber(smallest: number, largest: number): z.ZodType<number> {
  const message = `must be a whole number from ${smallest} to ${largest}`;
  return z
    .string({ error: 'may be given only once' })
    .regex(/^[0-9]{1,16}$/, message)
    .transform(Number)
    .pipe(z.number().min(smallest, message).max(largest, message));
}

const Text = z.string({ error: 'may be given only once' }).min(1, 'is empty').max(512, 'is too long');

/** The parameters of `GET /api/v1/entries`, as they stand in the address. */
const EntryParameters = z.strictObject({
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeNumber(1, maxPage).default(100),
  order: z
    .enum(['asc', 'desc'], { error: 'must be asc (oldest first) or desc (newest first)' })
    .default('asc'),
  type: Text.optional(),
  registry: Text.optional(),
  repository: Text.optional(),
  digest: z.string({ error: 'may be given only once' }).pipe(Digest).optional(),
  correlation: Text.optional(),
});

/** Reads the parameters, or says in one sentence what is wrong with them. */
export function readEntryQuery(parameters: unknown): EntryQuery | { problem: string } {
  const result = EntryParameters.safeParse(parameters);
  if (result.success) return result.data;
  return { problem: `${result.error.issues.flatMap(describe).join('; ')}.` };
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.')} ${issue.message}`];
  const known = Object.keys(EntryParameters.shape).join(', ');
  return issue.keys.map((key) => `"${key}" is not a parameter here; there are ${known}`);
}
