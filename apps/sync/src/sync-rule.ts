import { ImagePattern } from '@pratique/config';
import { RegistryName } from '@pratique/contracts';
import { z } from 'zod';
import { templateProblem } from './target-name.js';

const template = z.string().superRefine((text, context) => {
  const problem = templateProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const patterns = z.array(ImagePattern).min(1, 'is empty, so that nothing would ever match').max(100);

/** One rule of the section `sync`: which images of one registry go to which other registry, when and under what name. */
export const SyncRule = z.strictObject({
  /** Stands in outcomes and logs. */
  name: z.string().min(1).max(63),
  from: RegistryName,
  /**
   * Where copies go. A target with `quarantine: true` hides an image until its verdict even from those who pushed it, and
   * sync checks every copy there: its identity needs `AcrQuarantineReader` at such a target besides the right to push or
   * import. The right to *lift* quarantine (`AcrQuarantineWriter`) is scan's alone.
   */
  to: RegistryName,
  repositories: patterns,
  tags: patterns.default(['*']),
  /**
   * What sets the rule off: the push itself, a passed scan, or an approval. After `cleared` and `approved` exactly the
   * image that was decided on is copied; after `pushed`, whatever the tag names by then.
   */
  when: z.enum(['pushed', 'cleared', 'approved']),
  /** The name at the target. */
  as: template.default('{repository}:{tag}'),
  /** Whether signatures, SBOMs and other referrers go along. */
  referrers: z.boolean().default(true),
  /**
   * `import` has the target registry fetch the image itself (Azure Container Registry's importImage), `copy` streams it
   * through this service, `auto` imports where that is possible and copies elsewhere.
   */
  method: z.enum(['auto', 'import', 'copy']).default('auto'),
});
export type SyncRule = z.infer<typeof SyncRule>;

export const SyncSection = z.array(SyncRule).max(500);
export type SyncSection = z.infer<typeof SyncSection>;
