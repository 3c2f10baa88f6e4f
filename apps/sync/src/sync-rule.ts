import { NamePattern, TagPattern } from '@pratique/config';
import { RegistryName } from '@pratique/contracts';
import { z } from 'zod';
import { Platforms } from './platform-subset.js';
import { templateProblem } from './target-name.js';

const template = z.string().superRefine((text, context) => {
  const problem = templateProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** A list that may be written as its only member. */
function listOf<S extends z.ZodType>(member: S, empty: string, max = 100) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(member).min(1, empty).max(max),
  );
}

const noMatch = 'is empty, so that nothing would ever match';
const repositories = listOf(NamePattern, noMatch);
const tags = listOf(TagPattern, noMatch);

const Exclude = z
  .strictObject({ repositories: repositories.optional(), tags: tags.optional() })
  .refine(
    (exclude) => exclude.repositories !== undefined || exclude.tags !== undefined,
    'excludes nothing: name repositories or tags',
  );

const NewestTags = z.strictObject({
  count: z.int().min(1).max(10_000),
  /** `version`: tags that are no versions are not among the newest. `updated`: only an Azure registry lists when that was. */
  by: z.enum(['version', 'updated']).default('version'),
});
export type NewestTags = z.infer<typeof NewestTags>;

const newest = z.preprocess((value) => (typeof value === 'number' ? { count: value } : value), NewestTags);

/** One rule of the section `sync`: which images of one registry go to which others, when and under what name. */
export const SyncRule = z.strictObject({
  /** Stands in outcomes and logs. */
  name: z.string().min(1).max(63),
  from: RegistryName,
  /**
   * Where copies go. A target with `quarantine: true` hides an image until its verdict even from those who pushed it, and
   * sync checks every copy there: its identity needs `AcrQuarantineReader` at such a target besides the right to push or
   * import. The right to *lift* quarantine (`AcrQuarantineWriter`) is scan's alone.
   */
  to: listOf(RegistryName, 'is empty: name a registry', 20),
  repositories,
  tags: tags.default(['*']),
  /** What the patterns above take and the rule leaves out all the same. */
  exclude: Exclude.optional(),
  /** Only so many of the tags that the rule takes in a repository. One that is newer by now does not delete the older. */
  newest: newest.optional(),
  /**
   * Only these platforms of an index. What is left is another index with another digest, for which no signature of the
   * original is valid, so it has to be said: `changeDigest: true`.
   */
  platforms: Platforms.optional(),
  /**
   * What an image is for: `image` for container images, else the artifact type or the media type of the config.
   */
  artifactTypes: listOf(z.string().min(1).max(255), noMatch, 50).optional(),
  /**
   * What sets the rule off: the push itself, a passed scan, or an approval. After `cleared` and `approved` exactly the
   * image that was decided on is copied; after `pushed`, whatever the tag names by then.
   */
  when: z.enum(['pushed', 'cleared', 'approved']),
  /** The name at the target. */
  as: template.default('{repository}:{tag}'),
  /** Whether signatures, SBOMs and other referrers go along. */
  referrers: z.boolean().default(true),
  /** `mirror` takes a tag away from the target when the source has it no more. */
  delete: z.enum(['keep', 'mirror']).default('keep'),
  /** How many tags `mirror` takes away in an hour without an operator's word; default {@link defaultDeletesPerHour}. */
  maxDeletesPerHour: z.int().min(1).max(100_000).optional(),
  /**
   * What happens to a tag of the target that names another image: it is moved, it stays, or its image is kept under another
   * tag (`1.2.backup-3f1c…`) before it is moved.
   */
  overwrite: z.enum(['allow', 'deny', 'backup']).default('allow'),
  /**
   * `import` has the target registry fetch the image itself (Azure Container Registry's importImage), `copy` streams it
   * through this service, `auto` imports where that is possible and copies elsewhere.
   */
  method: z.enum(['auto', 'import', 'copy']).default('auto'),
  /** Copies of this rule at the same time in one process; without it, as many as events are worked on. */
  concurrency: z.int().min(1).max(100).optional(),
});
export type SyncRule = z.infer<typeof SyncRule>;

/** Enough for what people delete by hand, and too few to empty a registry unnoticed. */
export const defaultDeletesPerHour = 20;

export const SyncSection = z.array(SyncRule).max(500);
export type SyncSection = z.infer<typeof SyncSection>;
