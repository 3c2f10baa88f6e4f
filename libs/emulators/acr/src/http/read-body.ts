import type { Readable } from 'node:stream';

/** The body was longer than the reader allows. */
export class BodyTooLargeError extends Error {
  constructor(readonly limitBytes: number) {
    super(`The request body is larger than ${limitBytes} bytes. Send a smaller one.`);
    this.name = 'BodyTooLargeError';
  }
}

/** Reads a whole body into memory, at most `limitBytes`; longer ones throw `BodyTooLargeError`. */
export async function readBody(body: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not destroy the socket: the refusal still has to be written to it.
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > limitBytes) throw new BodyTooLargeError(limitBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}
