import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Digest, digestOf } from '@pratique/contracts';
import { pack } from 'tar-stream';
import { defaultLimits as limitsOfScan, type LayerLimits } from '../scan-limits.settings.js';
import { inOneMemory } from '../../test/in-one-memory.js';
import { ByteBudget } from './layer-limits.js';
import { readLayer } from './read-layer.js';

const { layer: defaultLimits } = limitsOfScan;
const gzip = (bytes: Buffer): Buffer => gzipSync(bytes);
const skippable = Buffer.from('502a4d1804000000deadbeef', 'hex');
const zstd = (bytes: Buffer): Buffer => zstdCompressSync(bytes);

describe('scan/layers/read-layer', () => {
  let tar: Buffer;
  let other: Buffer;

  beforeAll(async () => {
    tar = await tarOf({ a: 'x'.repeat(3000), b: 'y' });
    other = await tarOf({ hidden: 'z' });
  });

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzip],
    ['zstd', zstd],
    [
      'gzip of several members',
      (bytes: Buffer) => Buffer.concat([gzip(bytes.subarray(0, 700)), gzip(bytes.subarray(700))]),
    ],
    [
      'zstd of several frames, with an index that no reader unpacks',
      (bytes: Buffer) =>
        Buffer.concat([skippable, zstd(bytes.subarray(0, 700)), zstd(bytes.subarray(700)), skippable]),
    ],
    [
      'eStargz, whose last member is empty',
      (bytes: Buffer) =>
        Buffer.concat([gzip(bytes.subarray(0, 512)), gzip(bytes.subarray(512)), gzip(Buffer.alloc(0))]),
    ],
  ])('lists a layer that is %s, however it arrives', async (_codec, compress) => {
    const bytes = compress(tar);

    expect(await pathsIn([bytes])).toEqual(['a', 'b']);
    expect(await pathsIn([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['a', 'b']);
    expect(await pathsIn([bytes], { diffId: digestOf(tar) })).toEqual(['a', 'b']);
  });

  it('sees what is in a second zstd frame, as runtimes do', async () => {
    const tarWithoutEnd = tar.subarray(0, -1024);

    expect(await pathsIn([Buffer.concat([zstd(tarWithoutEnd), zstd(other)])])).toEqual(['a', 'b', 'hidden']);
  });

  it('refuses a layer that unpacks to anything but what the config names', async () => {
    await expect(pathsIn([gzip(tar)], { diffId: digestOf(other) })).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
  });

  it.each<[string, (tar: Buffer, other: Buffer) => Buffer[]]>([
    [
      'a second zstd frame behind the end of the tar, which Node would not read',
      (a, b) => [Buffer.concat([zstd(a), zstd(b)])],
    ],
    ['a zstd frame that needs a dictionary', () => [Buffer.from('28b52ffd2107000000090000', 'hex')]],
    [
      'an old zstd format behind a frame',
      (a) => [Buffer.concat([zstd(a), Buffer.from('27b52ffd00', 'hex')])],
    ],
    ['a damaged zstd block', (a) => [damaged(zstd(a))]],
    ['a second gzip member behind the end of the tar', (a, b) => [Buffer.concat([gzip(a), gzip(b)])]],
    ['a gzip member behind a zero byte', (a, b) => [Buffer.concat([gzip(a), Buffer.alloc(1), gzip(b)])]],
    ['a gzip member behind a zero byte, arriving alone', (a, b) => [gzip(a), Buffer.alloc(1), gzip(b)]],
    ['garbage behind gzip', (a) => [gzip(a), Buffer.from('garbage')]],
    ['a tar behind the end of the tar', (a, b) => [gzip(Buffer.concat([a, b]))]],
    ['gzip that breaks off', (a) => [gzip(a).subarray(0, -9)]],
    ['zstd that breaks off', (a) => [zstd(a).subarray(0, -3)]],
    ['a damaged gzip checksum', (a) => [damaged(gzip(a))]],
    ['bzip2', () => [Buffer.from('BZh91AY&SY')]],
    ['gzip of gzip', (a) => [gzip(gzip(a))]],
  ])('refuses %s', async (_what, build) => {
    await expect(pathsIn(build(tar, other))).rejects.toMatchObject({
      name: 'UnscannableError',
      code: 'not-readable',
    });
  });

  it.each([
    ['gzip', gzip],
    ['zstd', zstd],
  ])('stops a %s bomb long before its end', async (_codec, compress) => {
    const limits = { ...defaultLimits, ratio: 10, ratioFromBytes: 1024 * 1024 };
    const bomb = compress(await tarOf({ zeros: Buffer.alloc(64 * 1024 * 1024) }));
    let written = 0;

    const reading = pathsIn([bomb], { limits, onBytes: (bytes) => (written += bytes) });

    await expect(reading).rejects.toMatchObject({ code: 'limit-exceeded' });
    expect(written).toBeLessThan(4 * 1024 * 1024);
  });

  it('bounds a layer by itself and an image over its layers', async () => {
    const limits = { ...defaultLimits, unpackedBytes: tar.length };
    const budget = ByteBudget.of(2 * tar.length - 1);

    expect(await pathsIn([gzip(tar)], { limits, budget })).toHaveLength(2);
    await expect(pathsIn([gzip(tar)], { limits, budget })).rejects.toMatchObject({ code: 'limit-exceeded' });
    await expect(pathsIn([gzip(tar)], { limits: { ...limits, unpackedBytes: 100 } })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
  });

  it('fails as its source fails, and gives the source back', async () => {
    const failure = new Error('the registry went away');
    const source = Readable.from(
      (async function* () {
        await Promise.resolve();
        yield gzip(tar).subarray(0, 20);
        throw failure;
      })(),
    );

    await expect(readLayer(source, reading())).rejects.toBe(failure);
    expect(source.destroyed).toBe(true);
  });

  it('stops in the middle of what has arrived when it is told to', async () => {
    const stop = new AbortController();
    const zeros = Buffer.alloc(40 * 1024 * 1024);
    const limits = { ...defaultLimits, ratio: 2000 };
    let written = 0;

    const read = pathsIn([gzip(await tarOf({ zeros }))], {
      limits,
      signal: stop.signal,
      onBytes: (bytes) => {
        written += bytes;
        globalThis.setImmediate(() => stop.abort(new Error('no longer wanted')));
      },
    });

    await expect(read).rejects.toThrow('no longer wanted');
    expect(written).toBeLessThan(zeros.length);
  });
});

interface Wishes {
  diffId?: Digest;
  limits?: LayerLimits;
  budget?: ByteBudget;
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

async function pathsIn(chunks: readonly Buffer[], wishes: Wishes = {}): Promise<string[]> {
  const paths: string[] = [];
  await readLayer(inOneMemory(chunks), reading(wishes, paths));
  return paths;
}

function reading(wishes: Wishes = {}, paths: string[] = []): Parameters<typeof readLayer>[1] {
  const { diffId, limits = defaultLimits, budget = ByteBudget.of(2 ** 40), onBytes } = wishes;
  const entry = ({ path }: { path: string }) => {
    paths.push(path);
    return { write: (bytes: Buffer) => onBytes?.(bytes.length), end: () => undefined };
  };
  return {
    diffId,
    limits,
    budget,
    visitor: { entry },
    signal: wishes.signal ?? new AbortController().signal,
  };
}

async function tarOf(files: Record<string, string | Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files))
    tar.entry({ name, mtime: new Date(0) }, content as string);
  tar.finalize();
  return buffer(tar);
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 6] = (copy[copy.length - 6] ?? 0) ^ 0xff;
  return copy;
}
