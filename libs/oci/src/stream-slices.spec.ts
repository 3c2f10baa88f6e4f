import { Readable } from 'node:stream';
import fc from 'fast-check';
import { StreamSlices } from './stream-slices.js';

describe('oci/stream-slices', () => {
  it('cuts a stream into slices of the sizes that are asked for, which make up the whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 })),
        fc.integer({ min: 1, max: 40 }),
        async (pieces, size) => {
          const whole = Buffer.concat(pieces);
          const slices = new StreamSlices(Readable.from(pieces.map((piece) => Buffer.from(piece))));
          const read: Buffer[] = [];
          for (let at = 0; at < whole.length; at += size) {
            const wanted = Math.min(size, whole.length - at);
            const slice = Buffer.concat(await slices.next(wanted).toArray());
            expect(slice).toHaveLength(wanted);
            read.push(slice);
          }
          expect(Buffer.concat(read)).toEqual(whole);
        },
      ),
    );
  });

  it('fails where the source fails', async () => {
    const source = new Readable({ read: () => undefined });
    const slices = new StreamSlices(source);
    source.push(Buffer.from('abc'));
    expect(String(Buffer.concat(await slices.next(2).toArray()))).toBe('ab');
    source.destroy(new Error('broken'));
    await expect(slices.next(2).toArray()).rejects.toThrow('broken');
  });

  it('is short where the source ends too early', async () => {
    const slices = new StreamSlices(Readable.from([Buffer.from('abc')]));
    expect(await slices.next(10).toArray()).toEqual([Buffer.from('abc')]);
    expect(await slices.next(10).toArray()).toEqual([]);
  });
});
