import { OciError } from './oci-error.js';
import { onSameOrigin } from './next-page.js';
import type { RegistryResponse, RegistryTransport } from './registry-transport.js';
import { headerOf } from './response-header.js';

/** A session is given up also when the upload was aborted, but not for ever. */
const cancelTimeoutMs = 10_000;

/**
 * The address to which the next request of an upload goes. It is opaque: the registry keeps its state in the query.
 *
 * @throws OciError `untrusted-address` when it leaves the registry, since the next request carries a token
 */
export function sessionAddress(response: RegistryResponse): URL {
  const location = headerOf(response, 'location');
  if (location !== undefined) return onSameOrigin(location, response.url, 'upload-blob');
  throw new OciError('The registry opened an upload without saying where (no Location).', {
    code: 'protocol-violation',
    operation: 'upload-blob',
  });
}

/** Tells the registry that an upload will not be finished. Best effort: it forgets old sessions by itself. */
export async function cancelUpload(
  transport: RegistryTransport,
  session: URL,
  scopes: readonly string[],
): Promise<void> {
  try {
    const response = await transport.send({
      operation: 'cancel-upload',
      method: 'DELETE',
      path: session,
      scopes,
      expect: [200, 202, 204, 404, 405],
      signal: AbortSignal.timeout(cancelTimeoutMs),
    });
    await response.body.dump();
  } catch {
    // The error that led here is the one to report.
  }
}
