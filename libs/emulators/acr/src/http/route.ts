import type { Reply } from './exchange.js';

/** The named groups of the pattern that matched a path. */
export class PathParameters {
  readonly #groups: Readonly<Record<string, string | undefined>>;

  constructor(groups: Readonly<Record<string, string | undefined>> = {}) {
    this.#groups = groups;
  }

  has(name: string): boolean {
    return this.#groups[name] !== undefined;
  }

  /** The part of that name. A pattern without it is a mistake in the route table. */
  get(name: string): string {
    const part = this.#groups[name];
    if (part === undefined) throw new Error(`The pattern of the route has no group named ${name}.`);
    return part;
  }
}

/** One line of a route table. `Access` says what the caller must be allowed to do; the API behind decides its shape. */
export interface Route<Access, Request> {
  readonly methods: readonly string[];
  /** Matches the whole decoded path; named groups become parameters. */
  readonly pattern: RegExp;
  readonly access: (parameters: PathParameters) => Access;
  readonly handle: (request: Request) => Reply | Promise<Reply>;
}

export type RouteMatch<Access, Request> =
  | { readonly found: 'route'; readonly route: Route<Access, Request>; readonly parameters: PathParameters }
  | { readonly found: 'other-methods'; readonly methods: readonly string[] }
  | { readonly found: 'nothing' };

/** Finds the first route for a method and a path, or the methods that the path has routes for. */
export function matchRoute<Access, Request>(
  routes: readonly Route<Access, Request>[],
  method: string,
  path: string,
): RouteMatch<Access, Request> {
  const methods: string[] = [];
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (match === null) continue;
    if (route.methods.includes(method))
      return { found: 'route', route, parameters: new PathParameters(match.groups) };
    methods.push(...route.methods);
  }
  return methods.length > 0 ? { found: 'other-methods', methods } : { found: 'nothing' };
}
