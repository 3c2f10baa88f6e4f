import type { IncomingMessage } from 'node:http';

/**
 * Why a body was not read.
 *
 * - `too-large`: more than the limit. Answer 413 with `Connection: close`, or the rest of it is received after all
 * - `encoded`: it has a Content-Encoding. Answer 415: a few hundred bytes of gzip can hold a hundred megabytes
 * - `incomplete`: the client went away in the middle. Nobody is there to be answered
 */
export type BodyRefusal = 'too-large' | 'encoded' | 'incomplete';

/**
 * Reads the bytes of a request's body as they were sent, up to `maxBytes` of them. What is refused is left unread: destroying the
 * request would take away the connection that the answer goes through.
 */
export function readRequestBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ bytes: Buffer } | { refused: BodyRefusal }> {
  const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') return Promise.resolve({ refused: 'encoded' });
  if (Number(length) > maxBytes) return Promise.resolve({ refused: 'too-large' });
  return collect(request, maxBytes);
}

// Events and not an iterator over the request: that takes as long as all the rest of reading a small body.
function collect(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ bytes: Buffer } | { refused: BodyRefusal }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      request.off('data', take).pause();
      resolve({ refused: 'too-large' });
    };
    const giveUp = (): void => resolve({ refused: 'incomplete' });
    request
      .on('data', take)
      .once('end', () => resolve({ bytes: Buffer.concat(chunks, size) }))
      // An error that nobody listens to ends the process.
      .on('error', giveUp)
      .once('close', giveUp);
  });
}
