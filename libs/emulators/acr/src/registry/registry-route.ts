import type { Caller } from '../auth/caller.js';
import type { RegistryAction } from '../auth/identity.js';
import type { Exchange } from '../http/exchange.js';
import type { PathParameters, Route } from '../http/route.js';
import type { Registry } from './registry.js';

/**
 * What a route asks of its caller: nothing (the token endpoints), any valid token (ping), the catalog, or actions in
 * a repository. `oneOf` suffices to be let in; `scope` is what the challenge tells the client to ask for.
 */
export type RegistryAccess =
  | 'open'
  | 'token'
  | 'catalog'
  | {
      readonly repository: string;
      readonly scope: readonly RegistryAction[];
      readonly oneOf: readonly RegistryAction[];
    };

/** A request that was let in. */
export interface RegistryRequest {
  readonly registry: Registry;
  readonly exchange: Exchange;
  readonly parameters: PathParameters;
  readonly caller: Caller;
}

export type RegistryRoute = Route<RegistryAccess, RegistryRequest>;

/** Access to the repository in the path, for one action; pushing asks for pull as well, as docker's clients do. */
export function needs(action: RegistryAction): (parameters: PathParameters) => RegistryAccess {
  const scope: RegistryAction[] = action === 'push' ? ['pull', 'push'] : [action];
  return (parameters) => ({ repository: parameters.get('repository'), scope, oneOf: [action] });
}
