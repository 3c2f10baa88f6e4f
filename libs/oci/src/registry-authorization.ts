import { type AuthChallenge, readAuthChallenge } from './auth-challenge.js';
import { OciError } from './oci-error.js';
import { mergeScopes, readingScopes } from './token-scopes.js';
import type { TokenSource } from './token-source.js';

export interface AuthorizationOptions {
  origin: URL;
  tokens: TokenSource;
  /** Hosts other than the registry's own that may hand out its tokens, such as `auth.docker.io`. */
  authHosts: readonly string[];
  /** Never asks for a token that could write, whatever a challenge names. */
  readOnly: boolean;
}

/** What an answer is needed for. */
export interface AuthorizationNeed {
  operation: string;
  scopes: readonly string[];
  signal?: AbortSignal | undefined;
}

/** More kinds of requests than one process makes of a registry; beyond it, a request costs one more round trip. */
const maxLearned = 1024;

/**
 * Remembers how a registry wants to be asked, so that only the first request meets a 401.
 *
 * ACR wants other rights for some requests than the specification says (`metadata_read` to list tags). What a
 * challenge asked for is therefore remembered by kind of request.
 */
export class RegistryAuthorization {
  private challenge: AuthChallenge | undefined;
  private readonly learned = new Map<string, readonly string[]>();

  constructor(private readonly options: AuthorizationOptions) {}

  /** The header for a request, or nothing while the registry has not asked for one. */
  async header(need: AuthorizationNeed): Promise<string | undefined> {
    if (this.challenge === undefined) return undefined;
    const scopes = mergeScopes(need.scopes, this.learned.get(keyOf(need)) ?? []);
    return await this.options.tokens.authorization(this.challenge, scopes, need.signal);
  }

  /** The header that answers a 401. The one that was refused, if any, is not used again. */
  async answer(
    header: string | string[] | undefined,
    need: AuthorizationNeed,
    refused: string | undefined,
  ): Promise<string> {
    const challenge = readAuthChallenge(header);
    if (challenge === undefined) throw this.notAnswerable(need);
    if (challenge.scheme === 'bearer') this.requireTrustedRealm(challenge.realm, need);
    if (refused !== undefined) this.options.tokens.forget(refused);
    this.challenge = challenge;
    const named = challenge.scheme === 'bearer' ? challenge.scopes : [];
    const asked = this.options.readOnly ? readingScopes(named) : named;
    if (asked.length > 0 && this.learned.size < maxLearned) this.learned.set(keyOf(need), asked);
    return await this.options.tokens.authorization(challenge, mergeScopes(need.scopes, asked), need.signal);
  }

  /** For a request that cannot be sent twice: its token ran out after the steps before it had been allowed. */
  expired(need: AuthorizationNeed, refused: string | undefined): OciError {
    if (refused !== undefined) this.options.tokens.forget(refused);
    return new OciError(
      `${this.options.origin.host} no longer accepted the token of a transfer; it can be repeated.`,
      {
        code: 'not-authenticated',
        operation: need.operation,
        status: 401,
        retryable: true,
      },
    );
  }

  /** Whoever names the realm is sent the password. */
  private requireTrustedRealm(realm: string, need: AuthorizationNeed): void {
    const { origin } = this.options;
    const url = URL.parse(realm);
    if (url !== null && this.isTrusted(url)) return;
    throw new OciError(
      `${origin.host} says that its tokens come from ${url === null ? 'something that is not an address' : url.origin}; ` +
        'if that is right, add the host to the authHosts of the registry.',
      { code: 'untrusted-address', operation: need.operation },
    );
  }

  private isTrusted(realm: URL): boolean {
    const { origin, authHosts } = this.options;
    const encrypted =
      realm.protocol === 'https:' || (realm.protocol === 'http:' && origin.protocol === 'http:');
    return encrypted && (realm.host === origin.host || authHosts.includes(realm.host));
  }

  private notAnswerable(need: AuthorizationNeed): OciError {
    return new OciError(
      `${this.options.origin.host} answered 401 without a Bearer or Basic challenge that could be read.`,
      { code: 'not-authenticated', operation: need.operation, status: 401 },
    );
  }
}

function keyOf(need: AuthorizationNeed): string {
  return `${need.operation} ${need.scopes.join(' ')}`;
}
