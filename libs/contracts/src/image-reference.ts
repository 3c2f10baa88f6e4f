import { Digest } from './digest.js';
import { RegistryHost, RepositoryName, Tag } from './image-name.js';

/** An image as people write it: `host/repository[:tag][@digest]`, with at least one of tag and digest. */
export interface ImageReference {
  host: RegistryHost;
  repository: RepositoryName;
  tag?: Tag;
  digest?: Digest;
}

export class ImageReferenceError extends Error {
  override readonly name = 'ImageReferenceError';
}

/**
 * Reads `host/repository[:tag][@digest]`.
 *
 * The host is mandatory: Docker's short names (`alpine`) would let a reader guess a registry, and Pratique never
 * contacts a host that nobody named.
 *
 * @throws ImageReferenceError that says which part is wrong
 */
export function parseImageReference(text: string): ImageReference {
  const slash = text.indexOf('/');
  if (slash <= 0) throw new ImageReferenceError(`"${text}" names no registry: write host/repository:tag`);
  const { repository, tag, digest } = splitPath(text.slice(slash + 1));
  if (tag === undefined && digest === undefined) {
    throw new ImageReferenceError(`"${text}" has neither a tag nor a digest: add :tag or @sha256:…`);
  }
  return {
    host: part(RegistryHost, text.slice(0, slash), text),
    repository: part(RepositoryName, repository, text),
    ...(tag !== undefined && { tag: part(Tag, tag, text) }),
    ...(digest !== undefined && { digest: part(Digest, digest, text) }),
  };
}

/** Writes a reference so that {@link parseImageReference} reads the same one back. */
export function formatImageReference(reference: ImageReference): string {
  return `${reference.host}/${formatImage(reference)}`;
}

/** Writes an image within its registry: `repository[:tag][@digest]`. */
export function formatImage(image: {
  repository: string;
  tag?: string | undefined;
  digest?: string | undefined;
}): string {
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  const digest = image.digest === undefined ? '' : `@${image.digest}`;
  return `${image.repository}${tag}${digest}`;
}

function splitPath(path: string): {
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
} {
  const at = path.indexOf('@');
  const named = at < 0 ? path : path.slice(0, at);
  const colon = named.indexOf(':');
  return {
    repository: colon < 0 ? named : named.slice(0, colon),
    tag: colon < 0 ? undefined : named.slice(colon + 1),
    digest: at < 0 ? undefined : path.slice(at + 1),
  };
}

interface Grammar<T> {
  safeParse(
    text: string,
  ): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } };
}

function part<T>(grammar: Grammar<T>, value: string, whole: string): T {
  const result = grammar.safeParse(value);
  if (result.success) return result.data;
  throw new ImageReferenceError(
    `"${whole}": "${value}" ${result.error.issues[0]?.message ?? 'is not valid'}`,
  );
}
