/** The image that a package URL names. */
export interface PackageUrlImage {
  host: string | undefined;
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

// pkg:oci/<name>@<version>?<qualifiers>; the fragment (a path within the package) means nothing for an image.
const grammar = /^pkg:oci\/([^/@?#]{1,255})(?:@([^?#]{1,255}))?(?:\?([^#]{0,1500}))?(?:#.*)?$/;

/**
 * Reads a package URL of the type `oci`, or undefined when it is another type or none.
 * https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
 *
 * `repository_url` names host and repository, in full or without the last part, which is the name; both occur.
 */
export function readOciPackageUrl(text: string): PackageUrlImage | undefined {
  const [, name, version, query = ''] = grammar.exec(text) ?? [];
  if (name === undefined) return undefined;
  const qualifiers = new URLSearchParams(query);
  return {
    ...repositoryIn(qualifiers.get('repository_url') ?? '', decoded(name)),
    tag: qualifiers.get('tag') ?? undefined,
    digest: version === undefined ? undefined : decoded(version),
  };
}

function repositoryIn(url: string, name: string): Pick<PackageUrlImage, 'host' | 'repository'> {
  const address = url.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const [host, ...path] = address.split('/');
  if (path.at(-1) !== name) path.push(name);
  return { host: host === '' ? undefined : host, repository: path.join('/') };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
