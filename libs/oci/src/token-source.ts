import type { AuthChallenge } from './auth-challenge.js';

/**
 * Where the value of the `Authorization` header comes from: anonymous, user and password, or (in libs/acr) Entra.
 *
 * The client has checked the challenge before it asks: the realm is on the registry's own host or one that the
 * configuration names.
 */
export interface TokenSource {
  /**
   * @param scopes sorted and merged, such as `repository:a/b:pull`
   * @returns the whole header value, `Bearer …` or `Basic …`
   * @throws OciError `not-authenticated`, `access-refused`, or a retryable one
   */
  authorization(challenge: AuthChallenge, scopes: readonly string[], signal?: AbortSignal): Promise<string>;
  /** Called with a header value that the registry did not accept, so that it isn't given again. */
  forget(authorization: string): void;
}
