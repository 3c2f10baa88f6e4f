import { nextPage } from './next-page.js';
import { OciError } from './oci-error.js';
import type { RegistryRequest, WholeResponse } from './registry-transport.js';

const maxPageBytes = 4 * 1024 * 1024;

/** With the 1000 entries a page that are asked for, a million. */
export const defaultMaxPages = 1000;

/** Whoever asks one registry: its transport, or a client. */
export interface PageReader {
  read(request: RegistryRequest, maxBytes: number): Promise<WholeResponse>;
}

/**
 * Follows `Link: …; rel="next"` from page to page. An answer other than 200 that the request expects ends the listing.
 *
 * @throws OciError `limit-exceeded` when the pages do not end
 */
export async function* readPages(
  registry: PageReader,
  request: RegistryRequest,
  maxPages = defaultMaxPages,
): AsyncGenerator<WholeResponse> {
  let path: string | URL | undefined = request.path;
  for (let count = 1; path !== undefined; count++) {
    if (count > maxPages) throw endless(request.operation, maxPages);
    const page: WholeResponse = await registry.read({ ...request, path }, maxPageBytes);
    yield page;
    const { response } = page;
    path = nextPage(response.headers.link, response.url, request.operation);
  }
}

function endless(operation: string, maxPages: number): OciError {
  return new OciError(`The registry's list has more than ${maxPages} pages.`, {
    code: 'limit-exceeded',
    operation,
  });
}
