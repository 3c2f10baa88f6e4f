/** One `type:name:action,action` of a token request or challenge. */
export interface AccessScope {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly actions: readonly string[];
}

/** More than any client asks for at once; the list comes from outside. */
const maxScopes = 64;

/**
 * Reads the `scope` parameters of a token request. The parameter may be repeated, and one may hold several scopes
 * separated by spaces; types that the registry does not know (Helm's `artifact-repository`) are left out.
 */
export function parseScopes(parameters: readonly string[]): AccessScope[] {
  return parameters
    .flatMap((parameter) => parameter.split(' '))
    .slice(0, maxScopes)
    .map(parseScope)
    .filter((scope) => scope !== undefined);
}

function parseScope(text: string): AccessScope | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  const type = text.slice(0, first);
  if (first < 0 || first === last || (type !== 'repository' && type !== 'registry')) return undefined;
  return {
    type,
    name: text.slice(first + 1, last),
    actions: text
      .slice(last + 1)
      .split(',')
      .filter((action) => action !== ''),
  };
}

/** The text form used in challenges. */
export function formatScope(scope: AccessScope): string {
  return `${scope.type}:${scope.name}:${scope.actions.join(',')}`;
}
