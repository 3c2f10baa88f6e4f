/**
 * Frees the memory of bytes that were used up, unless they share it. Left to the garbage collector, which counts what lies about
 * and not what is held, a layer of half a gigabyte would have it go through the whole heap dozens of times.
 *
 * @param bytes of which nobody else has a view: what a socket, a file or a decompressor has just given
 */
export function freeMemory({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}
