import { armAudience, containerRegistryAudience, type EmulatedEntra } from '../entra/emulated-entra.js';
import type { AccessScope } from './access-scope.js';
import { type BasicCredentials, parseBasicCredentials } from './basic-credentials.js';
import { type Caller, callerWith } from './caller.js';
import { type Grant, grantAccess } from './grant-access.js';
import { actionsIn, type Identity, mayListCatalog } from './identity.js';
import type { RegistryTokens } from './registry-tokens.js';
import { sameSecret } from './same-secret.js';

/** `docker login` with a refresh token as password uses this user name. */
const refreshTokenUser = '00000000-0000-0000-0000-000000000000';

export interface AccessControlOptions {
  readonly identities: readonly Identity[];
  readonly anonymousPull: boolean;
  readonly tokens: RegistryTokens;
  readonly entra: EmulatedEntra | undefined;
}

/** Who a credential stands for, and what it may do. */
export class AccessControl {
  readonly #options: AccessControlOptions;
  readonly #anonymous: Identity;

  constructor(options: AccessControlOptions) {
    this.#options = options;
    requireDistinctNames(options.identities);
    this.#anonymous = {
      name: 'anonymous',
      credentials: { entraObjectId: '' },
      repositories: ['*'],
      actions: options.anonymousPull ? ['pull', 'metadata_read'] : [],
    };
  }

  get tokens(): RegistryTokens {
    return this.#options.tokens;
  }

  /** The identity that pulls without credentials; undefined when the registry does not allow that. */
  anonymous(): Identity | undefined {
    return this.#options.anonymousPull ? this.#anonymous : undefined;
  }

  /** By user name and password, or by a refresh token as the password. */
  byPassword({ username, password }: BasicCredentials): Identity | undefined {
    if (username === refreshTokenUser) return this.byRefreshToken(password);
    return this.#options.identities.find(
      ({ credentials }) =>
        'username' in credentials &&
        credentials.username === username &&
        sameSecret(password, credentials.password),
    );
  }

  byRefreshToken(token: string): Identity | undefined {
    const name = this.#options.tokens.readRefresh(token);
    return name === undefined ? undefined : this.#byName(name);
  }

  /** By an Entra access token for the registry service or, as is Azure's default, for Resource Manager. */
  byEntraToken(token: string): Identity | undefined {
    const objectId = this.#options.entra?.principalOf(token, [containerRegistryAudience, armAudience]);
    return objectId === undefined ? undefined : this.byObjectId(objectId);
  }

  byObjectId(objectId: string): Identity | undefined {
    return this.#options.identities.find(
      ({ credentials }) => 'entraObjectId' in credentials && credentials.entraObjectId === objectId,
    );
  }

  /** An access token for as much of the scopes as the identity may do. */
  issueAccess(identity: Identity, scopes: readonly AccessScope[]): string {
    return this.#options.tokens.issueAccess(identity.name, grantAccess(identity, scopes));
  }

  /** Who sent a request, by its Authorization header; undefined when that proves nothing. */
  callerOf(authorization: string | undefined): Caller | undefined {
    const basic = parseBasicCredentials(authorization);
    if (basic !== undefined) {
      const identity = this.byPassword(basic);
      return identity === undefined ? undefined : callerFor(identity);
    }
    const grants = this.#grantsOf(authorization);
    return grants === undefined ? undefined : callerWith(grants);
  }

  #grantsOf(authorization: string | undefined): Grant[] | undefined {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#options.tokens.readAccess(token);
  }

  #byName(name: string): Identity | undefined {
    if (name === this.#anonymous.name) return this.anonymous();
    return this.#options.identities.find((identity) => identity.name === name);
  }
}

/** Tokens name their identity, so two of one name would lend each other their rights. */
function requireDistinctNames(identities: readonly Identity[]): void {
  const names = new Set(['anonymous']);
  for (const { name } of identities) {
    if (names.has(name)) throw new Error(`The identity name ${name} is taken. Give each identity its own.`);
    names.add(name);
  }
}

/** A caller with all the rights of an identity: what Basic credentials give without a token. */
export function callerFor(identity: Identity): Caller {
  return {
    may: (repository, action) => actionsIn(identity, repository).includes(action),
    mayListCatalog: () => mayListCatalog(identity),
  };
}
