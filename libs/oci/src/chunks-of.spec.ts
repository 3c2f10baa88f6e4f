import { Readable } from 'node:stream';
import fc from 'fast-check';
import { chunksOf } from './chunks-of.js';

describe('oci/chunks-of', () => {
  it('cuts streams and buffers into equal chunks that make up the whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 })),
        fc.integer({ min: 1, max: 40 }),
        async (pieces, size) => {
          const buffers = pieces.map((piece) => Buffer.from(piece));
          const whole = Buffer.concat(buffers);
          for (const source of [Readable.from(buffers), whole]) {
            const chunks: Buffer[] = [];
            for await (const chunk of chunksOf(source, size)) chunks.push(chunk);
            expect(Buffer.concat(chunks)).toEqual(whole);
            expect(chunks.slice(0, -1).every(({ length }) => length === size)).toBe(true);
            expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true);
          }
        },
      ),
    );
  });
});
