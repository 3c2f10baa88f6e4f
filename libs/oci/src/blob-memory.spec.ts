import { Digest, RepositoryName } from '@pratique/contracts';
import { BlobMemory } from './blob-memory.js';

const repository = RepositoryName.parse('team/app');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const blob = { repository, digest };
const never = new AbortController().signal;

describe('oci/blob-memory', () => {
  it('has a blob brought once, however many copies need it at the same moment', async () => {
    const memory = new BlobMemory();
    const work = jest.fn(async () => 'copied');
    const ends = await Promise.all([1, 2, 3].map(() => memory.once(blob, work, never)));
    expect(ends).toEqual(['copied', undefined, undefined]);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('lets the next one try when the first fails', async () => {
    const memory = new BlobMemory();
    const first = memory.once(blob, () => Promise.reject(new Error('broken')), never);
    const second = memory.once(blob, async () => 'copied', never);
    await expect(first).rejects.toThrow('broken');
    await expect(second).resolves.toBe('copied');
  });

  it('does not hold back whoever is told to stop while he waits for somebody else', async () => {
    const memory = new BlobMemory();
    const stop = new AbortController();
    const hanging = Promise.withResolvers<string>();
    const first = memory.once(blob, () => hanging.promise, never);
    const waiting = memory.once(blob, async () => 'copied', stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
    hanging.resolve('copied');
    await first;
  });

  it.each([
    ['five minutes later', (_: BlobMemory, clock: { now: number }) => void (clock.now += 300_000)],
    ['when it is told to forget', (memory: BlobMemory) => memory.forget(repository, [digest])],
  ])('asks again %s', async (_, pass) => {
    const clock = { now: 0 };
    const memory = new BlobMemory(() => clock.now);
    const work = jest.fn(async () => 'copied');
    await memory.once(blob, work, never);
    pass(memory, clock);
    await memory.once(blob, work, never);
    expect(work).toHaveBeenCalledTimes(2);
  });
});
