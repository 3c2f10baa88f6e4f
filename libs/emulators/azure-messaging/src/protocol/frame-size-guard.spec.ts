import * as fc from 'fast-check';

import { FrameSizeGuard } from './frame-size-guard.js';

const MAX = 1000;

function frame(size: number): Buffer {
  const bytes = Buffer.alloc(Math.max(size, 4));
  bytes.writeUInt32BE(size);
  return bytes;
}

const protocolHeader = Buffer.from('AMQP\0\x01\0\0', 'latin1');

/** The bytes cut at any places, as a socket may deliver them. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

function acceptsAll(bytes: Buffer, cuts: readonly number[]): boolean {
  const guard = new FrameSizeGuard(MAX);
  return pieces(bytes, cuts).every((piece) => guard.accepts(piece));
}

describe('protocol/frame-size-guard', () => {
  it('passes protocol headers and frames of allowed sizes, however they are cut', () => {
    const sizes = fc.array(fc.integer({ min: 8, max: MAX }), { maxLength: 10 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(20_000), { maxLength: 20 }), (frames, cuts) => {
        const bytes = Buffer.concat([
          protocolHeader,
          ...frames.slice(0, 2).map(frame),
          protocolHeader,
          ...frames.map(frame),
        ]);
        expect(acceptsAll(bytes, cuts)).toBe(true);
      }),
    );
  });

  it('notices a frame of another size as soon as it is announced, however that is cut', () => {
    const wrong = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: MAX + 1, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(wrong, fc.array(fc.nat(200), { maxLength: 20 }), (size, cuts) => {
        const announcement = frame(size).subarray(0, 4);
        const isHeader = announcement.toString('latin1') === 'AMQP';
        expect(acceptsAll(Buffer.concat([protocolHeader, frame(100), announcement]), cuts)).toBe(isHeader);
      }),
    );
  });
});
