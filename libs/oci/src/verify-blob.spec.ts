import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { digestOf } from '@pratique/contracts';
import { BlobVerifier } from './verify-blob.js';

const piece = 16 * 1024;

function verifierOf(bytes: Buffer): BlobVerifier {
  return new BlobVerifier({ digest: digestOf(bytes), size: bytes.length });
}

function write(verifier: BlobVerifier, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; at += piece) verifier.write(bytes.subarray(at, at + piece));
}

describe('oci/verify-blob', () => {
  it('passes the pieces of one turn on as one, with the same bytes', async () => {
    const bytes = randomBytes(10 * piece);
    const verifier = verifierOf(bytes);
    const passed: Buffer[] = [];
    verifier.on('data', (chunk: Buffer) => passed.push(chunk));

    write(verifier, bytes);
    verifier.end();
    await once(verifier, 'end');

    expect(Buffer.concat(passed).equals(bytes)).toBe(true);
    // The first is under way when the others come.
    expect(passed.map(({ length }) => length)).toEqual([piece, 9 * piece]);
  });

  it('holds no more than it may when nobody reads', async () => {
    const bytes = randomBytes(4 * 2 ** 20);
    const verifier = verifierOf(bytes);
    let written = 0;
    for (let turns = 0; turns < 1_000; turns += 1) {
      if (!verifier.writableNeedDrain && written < bytes.length)
        verifier.write(bytes.subarray(written, (written += piece)));
      await turn();
    }

    expect(written).toBeLessThanOrEqual(2 * 256 * 1024 + piece);

    const passed: Buffer[] = [];
    verifier.on('data', (chunk: Buffer) => passed.push(chunk));
    verifier.end(bytes.subarray(written));
    await once(verifier, 'end');
    expect(Buffer.concat(passed).equals(bytes)).toBe(true);
  });

  it.each([
    ['is short', (bytes: Buffer) => bytes.subarray(1)],
    ['is long', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['has other bytes', (bytes: Buffer) => Buffer.concat([bytes.subarray(1), Buffer.alloc(1)])],
  ])('never ends when what came %s', async (_, spoil) => {
    const bytes = Buffer.from('what the descriptor names');
    const verifier = verifierOf(bytes);
    let ended = false;
    verifier.on('end', () => (ended = true)).resume();

    verifier.end(spoil(bytes));
    const [error] = (await once(verifier, 'error')) as [Error];

    expect(error).toMatchObject({ code: 'digest-mismatch' });
    expect(ended).toBe(false);
  });
});
