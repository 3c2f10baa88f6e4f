import { z } from 'zod';
import { Signers } from '../signatures/signers.settings.js';

const Ids = z.array(z.string().min(1).max(255)).min(1).max(1000);
const mebibyte = 1024 ** 2;

export const SbomSettings = z.strictObject({
  formats: z
    .array(z.enum(['cyclonedx', 'spdx']))
    .min(1)
    .default(['cyclonedx', 'spdx'])
    .describe('Which formats count, in JSON'),
  licences: z
    .strictObject({
      allow: Ids.optional().describe(
        'SPDX ids; every component must be usable under these. * stands for anything',
      ),
      deny: Ids.optional().describe('SPDX ids under which nothing may be used'),
      unknown: z
        .enum(['refuse', 'allow'])
        .default('refuse')
        .describe('Components of which no licence is known'),
    })
    .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, {
      message: 'allows and denies nothing: give it allow or deny',
    })
    .optional(),
  signers: Signers.optional().describe('Whose bill of materials counts; default: anybody’s'),
  maxBytes: z
    .int()
    .min(1024)
    .max(256 * mebibyte)
    .default(32 * mebibyte)
    .describe('One that is larger is not read'),
});
export type SbomSettings = z.output<typeof SbomSettings>;
