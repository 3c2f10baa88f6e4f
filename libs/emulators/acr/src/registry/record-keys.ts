import { createHash } from 'node:crypto';

/**
 * Keys of records: `<repository>/<kind>/<name>`. A kind starts with an underscore, which no part of a repository
 * name can, so keys of nested repositories never meet.
 */
export type RecordKind = '_blobs' | '_manifests' | '_tags';

const keyGrammar = /^(.+)\/(_blobs|_manifests|_tags)\/([^/]+)$/;

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}

export function blobKey(repository: string, digest: string): string {
  return `${repository}/_blobs/${hexOf(digest)}`;
}

export function manifestKey(repository: string, digest: string): string {
  return `${repository}/_manifests/${hexOf(digest)}`;
}

/** Hashed, because `V1` and `v1` are two tags and one file name on some systems. The record holds the tag. */
export function tagKey(repository: string, tag: string): string {
  return `${repository}/_tags/${createHash('sha256').update(tag).digest('hex')}`;
}

/** Splits a key; undefined for a record that is not of a repository. */
export function parseRecordKey(
  key: string,
): { repository: string; kind: RecordKind; name: string } | undefined {
  const [, repository, kind, name] = keyGrammar.exec(key) ?? [];
  if (repository === undefined || name === undefined) return undefined;
  return { repository, kind: kind as RecordKind, name };
}
