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
