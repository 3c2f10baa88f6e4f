import { nextPage } from './next-page.js';
import { OciError } from './oci-error.js';
import { readBounded } from './read-bounded.js';
import type { RegistryRequest, RegistryResponse } from './registry-transport.js';

const maxPageBytes = 4 * 1024 * 1024;

/** With the 1000 entries a page that are asked for, a million. */
export const defaultMaxPages = 1000;

export interface Page {
  response: RegistryResponse;
  bytes: Buffer;
}

/** Whoever sends requests to one registry: its transport, or a client. */
export interface PageSender {
  send(request: RegistryRequest): Promise<RegistryResponse>;
}

/**
 * Follows `Link: …; rel="next"` from page to page. An answer other than 200 that the request expects ends the listing.
 *
 * @throws OciError `limit-exceeded` when the pages do not end
 */
export async function* readPages(
  transport: PageSender,
  request: RegistryRequest,
  maxPages = defaultMaxPages,
): AsyncGenerator<Page> {
  let path: string | URL | undefined = request.path;
  for (let page = 1; path !== undefined; page++) {
    if (page > maxPages) throw endless(request.operation, maxPages);
    const response: RegistryResponse = await transport.send({ ...request, path });
    const bytes = await readBounded(response.body, { maxBytes: maxPageBytes, operation: request.operation });
    yield { response, bytes };
    path = nextPage(response.headers.link, response.url, request.operation);
  }
}

function endless(operation: string, maxPages: number): OciError {
  return new OciError(`The registry's list has more than ${maxPages} pages.`, {
    code: 'limit-exceeded',
    operation,
  });
}
