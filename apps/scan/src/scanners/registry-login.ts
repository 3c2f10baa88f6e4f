import { unavailable } from './no-answer-error.js';

/** The right to pull, as a program takes it from its environment. */
export type RegistryLogin = { token: string } | { username: string; password: string } | undefined;

/**
 * Takes an `Authorization` header apart.
 *
 * @throws NoAnswerError when it is of a kind that no program takes
 */
export function registryLogin(authorization: string | undefined): RegistryLogin {
  if (authorization === undefined) return undefined;
  const [scheme, value = ''] = authorization.split(' ', 2);
  if (scheme === 'Bearer') return { token: value };
  const text = scheme === 'Basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 0) throw unavailable('The registry wants a login that no scanner takes.', { retryable: false });
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The values in it that must not be printed. */
export function secretsOf(login: RegistryLogin): string[] {
  if (login === undefined) return [];
  return 'token' in login ? [login.token] : [login.password];
}
