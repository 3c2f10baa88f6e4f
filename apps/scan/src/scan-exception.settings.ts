import { ImagePattern } from '@pratique/config';
import { Digest } from '@pratique/contracts';
import { z } from 'zod';

const scopes = ['packages', 'paths', 'repositories', 'digests'] as const;

const Globs = z.array(z.string().min(1).max(1024)).min(1).max(1000);
const Sentence = z.string().trim().min(1).max(500);

/** Something that a check finds and that somebody answers for, for a time. */
export const ScanException = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\w.:-]{1,128}$/, 'is not the id of a finding, such as CVE-2026-1234 or aws-access-key')
      .describe('Which finding, by its id'),
    packages: Globs.optional().describe('Globs of package names, as the scanner gives them'),
    paths: Globs.optional().describe('Globs of files'),
    repositories: z.array(ImagePattern).min(1).max(1000).optional(),
    digests: z.array(Digest).min(1).max(1000).optional().describe('Of images, or of indexes that name them'),
    owner: Sentence.describe('Who answers for it'),
    reason: Sentence.describe('Why it is no danger, or has to be borne'),
    ticket: Sentence.describe('Where it was agreed'),
    expires: z.iso
      .date('is not a day such as 2026-12-31')
      .describe('The last day on which it counts, in UTC'),
  })
  .refine((exception) => scopes.some((scope) => exception[scope] !== undefined), {
    message: `holds for everything that the policy covers: narrow it down with ${scopes.join(', ')}`,
  });
export type ScanException = z.output<typeof ScanException>;
