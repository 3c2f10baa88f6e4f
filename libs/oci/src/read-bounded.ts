import { fromNetworkError } from './network-error.js';
import { OciError } from './oci-error.js';

/**
 * Reads a whole body into memory, up to a limit; at the limit the rest is not read and the connection is given up.
 *
 * @throws OciError `limit-exceeded`, or that the connection broke
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: { maxBytes: number; operation: string },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limit.maxBytes) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    throw fromNetworkError(error, limit.operation);
  }
  return Buffer.concat(chunks, bytes);
}

function tooLarge({ maxBytes, operation }: { maxBytes: number; operation: string }): OciError {
  return new OciError(`The registry's answer is larger than ${maxBytes} bytes.`, {
    code: 'limit-exceeded',
    operation,
  });
}
