/**
 * Bob Jenkins' lookup3 (hashlittle2) over the key's UTF-8 bytes: the hash by which Event Hubs, and the buffered producer
 * on its own, choose a partition, so both must agree to the bit. https://burtleburtle.net/bob/c/lookup3.c
 */
export function partitionForKey(key: string, partitionCount: number): number {
  const { b, c } = lookup3(Buffer.from(key, 'utf8'));
  const folded = ((b ^ c) << 16) >> 16;
  return Math.abs(folded % partitionCount);
}

interface State {
  a: number;
  b: number;
  c: number;
}

/** Steps of "mix": which word changes, by which word, rotated how far, and which word is then added to the third. */
function mix(state: State): void {
  let { a, b, c } = state;
  a = ((a - c) | 0) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = ((a - c) | 0) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 4);
  b = (b + a) | 0;
  Object.assign(state, { a, b, c });
}

function finalMix(state: State): void {
  let { a, b, c } = state;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  Object.assign(state, { a, b, c });
}

function lookup3(data: Buffer): State {
  const start = (0xdeadbeef + data.length) | 0;
  const state: State = { a: start, b: start, c: start };
  let index = 0;
  for (; data.length - index > 12; index += 12) {
    addBlock(state, data.subarray(index, index + 12));
    mix(state);
  }
  if (index === data.length) return state;
  addBlock(state, data.subarray(index));
  finalMix(state);
  return state;
}

/** Adds up to 12 bytes as three little-endian words; missing bytes count as zero. */
function addBlock(state: State, block: Buffer): void {
  const padded = Buffer.alloc(12);
  block.copy(padded);
  state.a = (state.a + padded.readUInt32LE(0)) | 0;
  state.b = (state.b + padded.readUInt32LE(4)) | 0;
  state.c = (state.c + padded.readUInt32LE(8)) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
