import type { AccessScope } from './access-scope.js';
import { actionsIn, type Identity, mayListCatalog, type RegistryAction } from './identity.js';

/** What an access token lets its bearer do in one repository, or in the catalog. */
export interface Grant {
  readonly type: 'repository' | 'registry';
  readonly name: string;
  readonly actions: readonly string[];
}

/**
 * Cuts a token request down to what the identity may do, as Azure does: a request for too much gives a token for
 * less, and the resource refuses later with `insufficient_scope`.
 */
export function grantAccess(identity: Identity, scopes: readonly AccessScope[]): Grant[] {
  return scopes
    .map((scope) => ({
      type: scope.type,
      name: scope.name,
      actions:
        scope.type === 'registry' ? catalogActions(identity, scope) : repositoryActions(identity, scope),
    }))
    .filter((grant) => grant.actions.length > 0);
}

function catalogActions(identity: Identity, scope: AccessScope): string[] {
  return scope.name === 'catalog' && mayListCatalog(identity) ? ['*'] : [];
}

function repositoryActions(identity: Identity, scope: AccessScope): RegistryAction[] {
  const all = scope.actions.includes('*');
  return actionsIn(identity, scope.name).filter((action) => {
    // Quarantine rights have no scope of their own: they ride on the token of whoever holds the role (belief).
    if (action === 'quarantine_read' || action === 'quarantine_write') return true;
    return all || scope.actions.includes(action);
  });
}
