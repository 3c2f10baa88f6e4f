import { OciError } from './oci-error.js';

/** Registries redirect a blob once, to its storage; some front doors add one or two. */
export const maxRedirects = 5;

const redirectStatuses = [301, 302, 303, 307, 308];

export function isRedirect(status: number): boolean {
  return redirectStatuses.includes(status);
}

/**
 * Where a redirect of a GET or HEAD leads.
 *
 * Any https host may be named: storage accounts have names that nobody can list beforehand, and what comes back is
 * checked against its digest. An encrypted connection is never given up for a plain one.
 *
 * @throws OciError `untrusted-address` or `protocol-violation`
 */
export function redirectTarget(from: URL, location: string | string[] | undefined, operation: string): URL {
  const url = typeof location === 'string' ? URL.parse(location, from.href) : null;
  if (url === null) {
    throw new OciError(`The registry at ${from.host} redirected without a usable Location.`, {
      code: 'protocol-violation',
      operation,
    });
  }
  const plainToPlain = from.protocol === 'http:' && url.protocol === 'http:';
  if (url.protocol === 'https:' || plainToPlain) return url;
  throw new OciError(
    `The registry at ${from.host} redirected to ${url.protocol}//${url.host}, which is refused.`,
    {
      code: 'untrusted-address',
      operation,
    },
  );
}
