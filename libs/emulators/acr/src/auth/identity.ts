/** What an identity may do in the repositories it is named for. The quarantine rights come with roles, not scopes. */
export type RegistryAction =
  'pull' | 'push' | 'delete' | 'metadata_read' | 'metadata_write' | 'quarantine_read' | 'quarantine_write';

/** What an identity may ask Azure Resource Manager to do with the registry. */
export type ArmAction = 'importImage';

/** A user name with password (admin user, scope-map token, service principal), or a principal of the emulated Entra. */
export type IdentityCredentials =
  { readonly username: string; readonly password: string } | { readonly entraObjectId: string };

export interface Identity {
  readonly name: string;
  readonly credentials: IdentityCredentials;
  /** Exact names, `team/*` for everything below `team/`, or `*`. */
  readonly repositories: readonly string[];
  readonly actions: readonly RegistryAction[];
  readonly arm?: readonly ArmAction[];
}

/** Whether a wildcard as in scope maps (only trailing `*`) covers a repository. */
export function coversRepository(pattern: string, repository: string): boolean {
  return pattern.endsWith('*') ? repository.startsWith(pattern.slice(0, -1)) : pattern === repository;
}

/** The actions that an identity has in a repository. */
export function actionsIn(identity: Identity, repository: string): readonly RegistryAction[] {
  return identity.repositories.some((pattern) => coversRepository(pattern, repository))
    ? identity.actions
    : [];
}

/**
 * Whether an identity may list the catalog. Azure has a role of its own for it (Repository Catalog Lister) and
 * scope-map tokens never may; here it takes metadata_read on everything.
 */
export function mayListCatalog(identity: Identity): boolean {
  return identity.repositories.includes('*') && identity.actions.includes('metadata_read');
}
