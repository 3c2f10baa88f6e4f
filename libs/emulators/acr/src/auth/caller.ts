import type { Grant } from './grant-access.js';
import type { RegistryAction } from './identity.js';

/** Whoever sent a request, reduced to what it may do. */
export interface Caller {
  may(repository: string, action: RegistryAction): boolean;
  mayListCatalog(): boolean;
}

/** The caller that holds these grants. */
export function callerWith(grants: readonly Grant[]): Caller {
  return {
    may: (repository, action) =>
      grants.some(
        (grant) => grant.type === 'repository' && grant.name === repository && grant.actions.includes(action),
      ),
    mayListCatalog: () => grants.some((grant) => grant.type === 'registry' && grant.name === 'catalog'),
  };
}
