import { OciError } from './oci-error.js';

const maxLinkLength = 8 * 1024;

/**
 * Finds the address of the next page in a `Link` header (RFC 8288), as tags and referrers use it:
 * `</v2/a/tags/list?last=x&n=100>; rel="next"`.
 *
 * @param current where the page came from; the link may be relative to it
 * @returns undefined on the last page
 * @throws OciError `untrusted-address` when the link leaves the registry, since the next request carries a token
 */
export function nextPage(
  header: string | string[] | undefined,
  current: URL,
  operation: string,
): URL | undefined {
  const text = Array.isArray(header) ? header.join(', ') : header;
  if (text === undefined || text.length > maxLinkLength) return undefined;
  for (const [, target = '', parameters = ''] of text.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?/i.test(parameters)) return onSameOrigin(target, current, operation);
  }
  return undefined;
}

/** Resolves an address that a registry gave and refuses to leave the registry for it. */
export function onSameOrigin(target: string, current: URL, operation: string): URL {
  const url = URL.parse(target, current.href);
  if (url !== null && url.origin === current.origin) return url;
  throw new OciError(
    `The registry at ${current.host} pointed to ${url === null ? 'something that is not an address' : url.origin}, which is not itself; ` +
      'behind a proxy, configure the registry to send relative addresses or its public host and scheme.',
    { code: 'untrusted-address', operation },
  );
}
