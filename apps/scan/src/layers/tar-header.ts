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

const zeros = Buffer.alloc(blockSize);

export function isZeroBlock(bytes: Buffer): boolean {
  if (bytes.length === blockSize) return bytes.equals(zeros);
  return bytes.every((byte) => byte === 0);
}

// A layer has tens of thousands of headers, so the fields are read as bytes: to make texts of them takes longer than to decompress
// what follows.

const checksumField = { start: 148, length: 8 };
const space = 0x20;
const digitZero = 0x30;

function requireChecksum(block: Buffer): void {
  const { start, length } = checksumField;
  // The sum of all bytes, with the eight of the checksum itself taken as spaces.
  const sum = sumOf(block, 0, start) + length * space + sumOf(block, start + length, blockSize);
  if (sum !== parseOctal(block, checksumField)) throw notReadable('a tar header has a wrong checksum');
}

function sumOf(block: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += block[at] as number;
  return sum;
}

/** `ustar` with a zero byte, as POSIX has it, or with a space, another and a zero byte, as GNU tar has it. */
const [posixMagic, gnuMagic, gnuVersion] = [0x757374617200, 0x757374617220, 0x2000];
const starMagic = 0x74617200; // "tar" and a zero byte

function formatOf(block: Buffer): 'ustar' | 'gnu' {
  const magic = block.readUIntBE(257, 6);
  if (magic === gnuMagic && block.readUInt16BE(263) === gnuVersion) {
    // Some writers of GNU headers put a path prefix where others have times, and readers guess which it is.
    if (/[^\0 0-7]/.test(block.toString('latin1', 345, 369)))
      throw notReadable('a GNU tar header is ambiguous');
    return 'gnu';
  }
  // Star's variant has a shorter prefix under the same magic.
  if (magic === posixMagic && block.readUInt32BE(508) !== starMagic) return 'ustar';
  throw notReadable('it is not a tar archive of the POSIX or GNU format');
}

function text(block: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end += 1;
  return end === start ? '' : block.toString('utf8', start, end);
}

const sizeField = { start: 124, length: 12 };

function sizeOf(block: Buffer): number {
  const { start, length } = sizeField;
  const isBinary = ((block[start] as number) & 0x80) !== 0;
  const size = isBinary ? parseBinary(block.subarray(start, start + length)) : parseOctal(block, sizeField);
  if (size === undefined || !Number.isSafeInteger(size))
    throw notReadable('a tar header has an unreadable size');
  return size;
}

/** Spaces, octal digits, and then nothing but spaces and zero bytes. */
function parseOctal(block: Buffer, { start, length }: { start: number; length: number }): number | undefined {
  const end = start + length;
  const firstDigit = firstNot(isSpace, block, { from: start, end });
  const behindDigits = firstNot(isOctalDigit, block, { from: firstDigit, end });
  if (behindDigits === firstDigit || firstNot(isFiller, block, { from: behindDigits, end }) < end)
    return undefined;
  let value = 0;
  for (let at = firstDigit; at < behindDigits; at += 1) value = value * 8 + (block[at] as number) - digitZero;
  return value;
}

const isSpace = (byte: number): boolean => byte === space;
const isOctalDigit = (byte: number): boolean => byte >= digitZero && byte < digitZero + 8;
const isFiller = (byte: number): boolean => byte === space || byte === 0;

function firstNot(
  isMeant: (byte: number) => boolean,
  block: Buffer,
  { from, end }: { from: number; end: number },
): number {
  let at = from;
  while (at < end && isMeant(block[at] as number)) at += 1;
  return at;
}

/** GNU's form for large sizes: big-endian, with the topmost bit set; the next one would make it negative. */
function parseBinary(field: Buffer): number | undefined {
  if (field[0] !== 0x80) return undefined;
  return Number(BigInt(`0x${field.toString('hex', 1)}`));
}
