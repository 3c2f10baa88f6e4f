import { notReadable } from './unscannable-error.js';

export const blockSize = 512;

/** One header block, as far as a scan needs it. */
export interface TarHeader {
  name: string;
  /** Bytes that follow the header, without their padding. */
  size: number;
  /** The letter of the type, `0` for a file. https://www.gnu.org/software/tar/manual/html_node/Standard.html */
  type: string;
}

const octal = /^ *([0-7]+)[ \0]*$/;

/**
 * Reads a header block, or refuses it where two programs could read two things from it: what runs an image reads it with
 * Go's `archive/tar`, and this reader must never see another file than that one does.
 *
 * @throws UnscannableError
 */
export function readTarHeader(block: Buffer): TarHeader {
  requireChecksum(block);
  const format = formatOf(block);
  const name = text(block, 0, 100);
  const prefix = format === 'ustar' ? text(block, 345, 155) : '';
  const flag = block[156] ?? 0;
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: sizeOf(block),
    type: flag === 0 ? '0' : String.fromCharCode(flag),
  };
}

export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function requireChecksum(block: Buffer): void {
  // The sum of all bytes, with the eight of the checksum itself taken as spaces.
  let sum = 8 * 0x20;
  for (let index = 0; index < blockSize; index++) {
    if (index < 148 || index >= 156) sum += block[index] ?? 0;
  }
  if (sum !== parseOctal(block.subarray(148, 156))) throw notReadable('a tar header has a wrong checksum');
}

function formatOf(block: Buffer): 'ustar' | 'gnu' {
  const magic = block.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') {
    // Some writers of GNU headers put a path prefix where others have times, and readers guess which it is.
    if (/[^\0 0-7]/.test(block.toString('latin1', 345, 369)))
      throw notReadable('a GNU tar header is ambiguous');
    return 'gnu';
  }
  // Star's variant has a shorter prefix under the same magic.
  if (magic.startsWith('ustar\0') && block.toString('latin1', 508, 512) !== 'tar\0') return 'ustar';
  throw notReadable('it is not a tar archive of the POSIX or GNU format');
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

function sizeOf(block: Buffer): number {
  const field = block.subarray(124, 136);
  const size = (field[0] ?? 0) & 0x80 ? parseBinary(field) : parseOctal(field);
  if (size === undefined || !Number.isSafeInteger(size))
    throw notReadable('a tar header has an unreadable size');
  return size;
}

function parseOctal(field: Buffer): number | undefined {
  const digits = octal.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** GNU's form for large sizes: big-endian, with the topmost bit set; the next one would make it negative. */
function parseBinary(field: Buffer): number | undefined {
  if (field[0] !== 0x80) return undefined;
  return Number(BigInt(`0x${field.toString('hex', 1)}`));
}
