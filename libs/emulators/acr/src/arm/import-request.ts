import { z } from 'zod';

import { isDigest, isRepositoryName, isTag } from '../registry/image-names.js';
import { ArmError } from './arm-error.js';

const Name = z.string().max(512);

/** Body of importImage, api-version 2025-11-01. */
const ImportImageParameters = z.object({
  source: z.object({
    resourceId: z.string().max(1024).optional(),
    registryUri: z.string().max(255).optional(),
    credentials: z
      .object({ username: z.string().max(1024).optional(), password: z.string().max(16_384) })
      .optional(),
    sourceImage: Name,
  }),
  targetTags: z.array(Name).max(100).optional(),
  untaggedTargetRepositories: z.array(Name).max(100).optional(),
  mode: z.enum(['NoForce', 'Force']).optional(),
});

/** How to log in to the source. Without user name the password is a token. */
export interface ImportCredentials {
  readonly username?: string | undefined;
  readonly password: string;
}

/** Where an image is taken from, named in one of the two ways. */
export type ImportOrigin =
  | { readonly resourceId: string }
  | { readonly registryUri: string; readonly credentials: ImportCredentials | undefined };

/** A repository that receives the image, and the tags it gets there (none: by digest only). */
export interface ImportTarget {
  readonly repository: string;
  readonly tags: readonly string[];
}

export interface ImportRequest {
  readonly origin: ImportOrigin;
  readonly repository: string;
  /** Tag or digest at the source. */
  readonly reference: string;
  readonly targets: readonly ImportTarget[];
  readonly force: boolean;
}

/** Reads the body of an import, or throws what is wrong with it. */
export function parseImportRequest(body: Buffer): ImportRequest {
  const parsed = ImportImageParameters.safeParse(parseJson(body));
  if (!parsed.success) {
    throw new ArmError('InvalidRequestContent', 'The body is not that of importImage.', {
      cause: parsed.error,
    });
  }
  const { source, targetTags = [], untaggedTargetRepositories = [], mode } = parsed.data;
  const { repository, reference } = parseSourceImage(source.sourceImage);
  const sourceTag = isDigest(reference) ? undefined : reference;
  const targets = [
    ...targetTags.map((target) => parseTargetTag(target, sourceTag)),
    ...untaggedTargetRepositories.map((name) => ({ repository: requireRepository(name), tag: undefined })),
  ];
  if (targets.length === 0) {
    throw new ArmError('InvalidParameters', 'Name targetTags or untaggedTargetRepositories.');
  }
  return {
    origin: parseOrigin(source),
    repository,
    reference,
    targets: byRepository(targets),
    force: mode === 'Force',
  };
}

function parseOrigin(source: z.infer<typeof ImportImageParameters>['source']): ImportOrigin {
  const { resourceId, registryUri, credentials } = source;
  if (resourceId !== undefined && registryUri === undefined) return { resourceId };
  if (registryUri !== undefined && resourceId === undefined) return { registryUri, credentials };
  throw new ArmError('InvalidParameters', 'Name the source by resourceId or by registryUri.');
}

/** `repo:tag`, `repo@sha256:…`, or `repo`, which means its tag latest. */
function parseSourceImage(text: string): { repository: string; reference: string } {
  const at = text.indexOf('@');
  if (at >= 0 && isDigest(text.slice(at + 1))) {
    return { repository: requireRepository(text.slice(0, at)), reference: text.slice(at + 1) };
  }
  const { repository, tag } = parseTargetTag(text, undefined);
  return { repository, reference: tag };
}

/** `repo:tag`; without a tag it gets that of the source, or latest. */
function parseTargetTag(text: string, sourceTag: string | undefined): { repository: string; tag: string } {
  const colon = text.indexOf(':');
  const tag = colon < 0 ? (sourceTag ?? 'latest') : text.slice(colon + 1);
  if (!isTag(tag)) throw new ArmError('InvalidParameters', `The image name ${text} is invalid.`);
  return { repository: requireRepository(colon < 0 ? text : text.slice(0, colon)), tag };
}

function requireRepository(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new ArmError('InvalidParameters', `The repository name ${text} is invalid.`);
}

function byRepository(targets: readonly { repository: string; tag: string | undefined }[]): ImportTarget[] {
  const tags = new Map<string, string[]>();
  for (const { repository, tag } of targets) {
    const known = tags.get(repository) ?? [];
    tags.set(repository, tag === undefined ? known : [...known, tag]);
  }
  return [...tags].map(([repository, names]) => ({ repository, tags: names }));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ArmError('InvalidRequestContent', 'The body is not JSON.', { cause });
  }
}
