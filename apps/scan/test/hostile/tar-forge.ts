const block = 512;

/** A header as it is written, right or wrong. */
export interface ForgedHeader {
  name: string;
  size?: number | Buffer;
  type?: string;
  link?: string;
  magic?: string;
  checksum?: number;
}

/** One header block of a tar, with a right checksum unless told otherwise. */
export function header({
  name,
  size = 0,
  type = '0',
  link = '',
  magic = 'ustar\u000000',
  checksum,
}: ForgedHeader): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  if (typeof size === 'number') bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else size.copy(bytes, 124, 0, 12);
  bytes.write('00000000000\0', 136);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write(link, 157, 100);
  bytes.write(magic, 257, 'latin1');
  const sum = checksum ?? bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** Bytes up to the end of their last block. */
export function padded(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([bytes, Buffer.alloc((block - (bytes.length % block)) % block)]);
}

export function entry(about: Omit<ForgedHeader, 'size'>, content: Buffer | string = ''): Buffer {
  return Buffer.concat([header({ ...about, size: Buffer.byteLength(content) }), padded(content)]);
}

export function file(name: string, content: Buffer | string = 'param a string\n'): Buffer {
  return entry({ name }, content);
}

/** A PAX header of records, each with its right length. */
export function pax(records: readonly [string, string][], type = 'x'): Buffer {
  return entry({ name: 'PaxHeaders/0', type }, records.map(paxRecord).join(''));
}

export function paxRecord([key, value]: readonly [string, string]): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}

export function gnuLongName(name: string): Buffer {
  return entry({ name: '././@LongLink', type: 'L', magic: 'ustar  \0' }, `${name}\0`);
}

export const endOfTar = Buffer.alloc(2 * block);

export function tar(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, endOfTar]);
}
