import type { AccessToken, TokenCredential } from '@azure/identity';

import type { EmulatedEntra } from './emulated-entra.js';

export interface EmulatedCredentialOptions {
  readonly entra: EmulatedEntra;
  /** Who the credential speaks for, as named in an identity's `entraObjectId`. */
  readonly objectId: string;
}

/** A credential for the real Azure SDK clients, standing in for a managed identity. */
export class EmulatedCredential implements TokenCredential {
  readonly #options: EmulatedCredentialOptions;

  constructor(options: EmulatedCredentialOptions) {
    this.#options = options;
  }

  /** Gets a token for the resource of the first scope (`https://management.azure.com/.default`). */
  getToken(scopes: string | string[]): Promise<AccessToken> {
    const scope = typeof scopes === 'string' ? scopes : (scopes[0] ?? '');
    const audience = scope.replace(/\/\.default$/, '');
    return Promise.resolve(this.#options.entra.issue(this.#options.objectId, audience));
  }
}
