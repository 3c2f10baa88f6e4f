import { createHash } from 'node:crypto';

import { RegistryError } from './registry-error.js';

/** Grammar of the distribution specification 1.1; Azure limits the whole name to 256 characters. */
const repositoryGrammar =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestGrammar = /^sha256:[0-9a-f]{64}$/;
const maxRepositoryCharacters = 256;

export function isRepositoryName(text: string): boolean {
  return text.length <= maxRepositoryCharacters && repositoryGrammar.test(text);
}

export function isTag(text: string): boolean {
  return tagGrammar.test(text);
}

/** Whether the text is a digest that the registry takes: sha256 is the only algorithm of Azure's. */
export function isDigest(text: string): boolean {
  return digestGrammar.test(text);
}

export function sha256Of(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function requireRepositoryName(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new RegistryError('NAME_INVALID', 'The repository name is invalid. Use lower-case path segments.');
}

export function requireDigest(text: string | null): string {
  if (text !== null && isDigest(text)) return text;
  throw new RegistryError(
    'DIGEST_INVALID',
    'The digest is invalid. Give sha256: and 64 lower-case hex digits.',
  );
}

/** A tag or digest from a path. */
export function requireReference(text: string): string {
  if (isTag(text) || isDigest(text)) return text;
  throw new RegistryError('TAG_INVALID', 'The reference is neither a tag nor a sha256 digest.');
}
