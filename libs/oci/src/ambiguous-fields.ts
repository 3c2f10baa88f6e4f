const knownFields = new Map(
  [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'subject',
    'digest',
    'size',
    'urls',
    'platform',
    'data',
  ].map((name) => [folded(name), name]),
);

/** Nothing that a manifest says is nested deeper: document, list, descriptor, platform. */
const maxDepth = 5;

/**
 * Finds a field that differs from one of the specification only in case.
 *
 * Go's JSON decoder, and so every container runtime, takes `"Layers"` for `"layers"`; JavaScript does not. A manifest
 * with both would show a scanner one set of layers and run another.
 *
 * @returns the name as written, or undefined when there is none
 */
export function misspeltField(json: unknown, depth = maxDepth): string | undefined {
  const fields = depth > 0 && typeof json === 'object' && json !== null ? Object.entries(json) : [];
  const misspelt = fields.find(([name]) => isMisspelt(name));
  if (misspelt !== undefined) return misspelt[0];
  // Annotations are free text under free names, and nothing is decided by them.
  const inner = fields.filter(([name]) => name !== 'annotations');
  return inner.map(([, value]) => misspeltField(value, depth - 1)).find((found) => found !== undefined);
}

/** The positions of an array are names too, but none of these. */
function isMisspelt(name: string): boolean {
  const known = knownFields.get(folded(name));
  return known !== undefined && known !== name;
}

/** As Go compares field names: without case, with the long s as an s and the Kelvin sign as a k. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
