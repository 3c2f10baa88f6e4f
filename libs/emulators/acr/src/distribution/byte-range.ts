import type { ByteRange } from '../storage/content-store.js';

/**
 * The part of `size` bytes that a Range header asks for (RFC 9110, section 14): undefined to send everything, which
 * is also the answer to several ranges or another unit, and `unsatisfiable` for a start behind the end.
 */
export function requestedRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '') return last === '' ? undefined : lastBytes(Number(last), size);
  return fromTo(Number(first), last === '' ? Infinity : Number(last), size);
}

function fromTo(start: number, end: number, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (end < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}

function lastBytes(count: number, size: number): ByteRange | 'unsatisfiable' {
  const length = Math.min(count, size);
  return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
}
