import type { IncomingMessage } from 'node:http';

/**
 * Why a body was not read.
 *
 * - `too-large`: more than the limit. Answer 413 with `Connection: close`, or the rest of it is received after all
 * - `encoded`: it has a Content-Encoding. Answer 415: a few hundred bytes of gzip can hold a hundred megabytes
 * - `incomplete`: the client went away in the middle. Nobody is there to be answered
 */
export type BodyRefusal = 'too-large' | 'encoded' | 'incomplete';

/** Reads the bytes of a request's body as they were sent, up to `maxBytes` of them. */
export async function readRequestBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ bytes: Buffer } | { refused: BodyRefusal }> {
  const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') return { refused: 'encoded' };
  if (Number(length) > maxBytes) return { refused: 'too-large' };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The stream must survive a refusal: destroying it would take away the connection that the answer goes through.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > maxBytes) return { refused: 'too-large' };
      chunks.push(bytes);
    }
  } catch {
    return { refused: 'incomplete' };
  }
  return { bytes: Buffer.concat(chunks, size) };
}
