/** A package URL without its qualifiers and subpath, which tools write differently. https://github.com/package-url/purl-spec */
export function plainPurl(purl: string): string {
  return decoded(purl.split(/[?#]/, 1)[0] ?? '');
}

/** The version in a package URL; undefined when it names none. */
export function purlVersion(purl: string): string | undefined {
  const plain = plainPurl(purl);
  // A scope (`pkg:npm/@contoso/app@1`) has a sign of its own.
  const at = plain.lastIndexOf('@');
  return at > plain.lastIndexOf('/') ? plain.slice(at + 1) : undefined;
}

/** Whether one package URL names what another does; without a version it names all of them. */
export function purlCovers(general: string, found: string): boolean {
  const [one, other] = [plainPurl(general), plainPurl(found)];
  if (one === other) return true;
  return purlVersion(one) === undefined && other.startsWith(`${one}@`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
