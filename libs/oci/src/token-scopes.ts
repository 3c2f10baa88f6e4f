/** Rights on one repository, as a token request names them. */
export function repositoryScope(repository: string, ...actions: [string, ...string[]]): string {
  return `repository:${repository}:${actions.join(',')}`;
}

/**
 * Joins scopes to the smallest sorted list that grants them all, so that the same rights always give the same list
 * (and so the same cached token): `repository:a:pull` and `repository:a:push,pull` become `repository:a:pull,push`.
 */
export function mergeScopes(...lists: (readonly string[])[]): string[] {
  const actionsOf = new Map<string, Set<string>>();
  for (const scope of lists.flat()) {
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, Math.max(colon, 0));
    const actions = actionsOf.get(resource) ?? new Set<string>();
    for (const action of scope.slice(colon + 1).split(',')) actions.add(action);
    actionsOf.set(resource, actions);
  }
  return [...actionsOf]
    .map(([resource, actions]) => `${resource === '' ? '' : `${resource}:`}${[...actions].sort().join(',')}`)
    .sort();
}

const writing: readonly string[] = ['push', 'delete', 'metadata_write', '*'];

/** What is left of scopes for somebody who only reads; a registry may ask for more in its challenge than is needed. */
export function readingScopes(scopes: readonly string[]): string[] {
  return scopes.flatMap((scope) => {
    if (!scope.startsWith('repository:')) return [scope];
    const colon = scope.lastIndexOf(':');
    const actions = scope.slice(colon + 1).split(',');
    const left = actions.filter((action) => !writing.includes(action));
    return left.length === 0 ? [] : [`${scope.slice(0, colon)}:${left.join(',')}`];
  });
}
