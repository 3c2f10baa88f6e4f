import { randomBytes } from 'node:crypto';
import { RegistryName, RepositoryName } from '@pratique/contracts';
import { artifactOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { threadCodeFromSources } from '../../test/thread-code-from-sources.js';
import type { PreparedCheck } from '../checks/check.js';
import { examineImage } from '../examine-image.js';
import { ScanLimits } from '../scan-limits.settings.js';
import type { ScanPolicy } from '../scan-policy.js';
import { judgeManifests, type Verdict } from '../verdict.js';
import { ReaderThreads } from './reader-threads.js';

const repository = RepositoryName.parse('team/app');
const mebibyte = 2 ** 20;
const limits = ScanLimits.parse({
  threads: { count: 2, heapBytes: 64 * mebibyte, bufferBytes: 64 * mebibyte },
});
const hasty: ScanLimits = { ...limits, layer: { ...limits.layer, timeMs: 1_000 } };
// Large enough to arrive in many pieces.
const image = artifactOf({ large: randomBytes(16 * mebibyte) });

describe('scan/isolation/reader-threads', () => {
  let registry: TestRegistry;
  let threads: ReaderThreads;

  beforeAll(async () => {
    registry = await startTestRegistry();
    await pushImage(registry.client, image, { repository });
    const code = threadCodeFromSources('apps/scan/test/misbehaving-thread.main.ts');
    threads = new ReaderThreads(limits.threads, code);
  });

  afterAll(async () => {
    threads.close();
    await registry.close();
  });

  async function scan(kind: string, { signal }: { signal?: AbortSignal } = {}): Promise<Verdict | undefined> {
    const policies = [policy(kind)];
    const examined = await examineImage({
      client: registry.client,
      repository,
      digest: image.root.digest,
      policies,
      limits: kind === 'never-returns' ? hasty : limits,
      threads,
      signal: signal ?? new AbortController().signal,
    });
    return judgeManifests(policies, examined).get(image.root.digest);
  }

  it.each<[string, Partial<Verdict>]>([
    ['fills-the-heap', { status: 'unscannable', reason: 'limit-exceeded' }],
    ['fills-the-heap-at-once', { status: 'unscannable', reason: 'limit-exceeded' }],
    ['fills-buffers', { status: 'unscannable', reason: 'limit-exceeded' }],
    ['never-returns', { status: 'unscannable', reason: 'limit-exceeded' }],
    ['exits', { status: 'error', reason: 'check-crashed' }],
    ['throws-later', { status: 'error', reason: 'check-crashed' }],
  ])('lets an image whose thread %s fail its own scan, and its neighbours pass', async (kind, verdict) => {
    const [own, ...neighbours] = await Promise.all([
      scan(kind),
      ...Array.from({ length: 3 }, () => scan('behaves')),
    ]);

    expect(own).toMatchObject(verdict);
    for (const neighbour of neighbours) expect(neighbour).toEqual({ status: 'passed' });
  });

  it('does not count the time for which an image waits on account of others', async () => {
    const slow = [scan('never-returns'), scan('never-returns'), scan('never-returns'), scan('never-returns')];
    const honest = await scan('behaves');

    expect(honest).toEqual({ status: 'passed' });
    await Promise.all(slow);
  });

  it('stops at once when it is told to, and reads on for others', async () => {
    const stop = new AbortController();
    const reading = scan('behaves', stop);
    registry.intercept(async ({ path }) => {
      if (path.includes('/blobs/')) stop.abort(new Error('the service stops'));
      return Promise.resolve('proceed');
    });

    await expect(reading).rejects.toThrow('the service stops');
    registry.intercept(() => Promise.resolve('proceed'));
    expect(await scan('behaves')).toEqual({ status: 'passed' });
  });
});

function policy(kind: string): ScanPolicy {
  const begin = (): never => {
    throw new Error('checks begin in threads');
  };
  const check: PreparedCheck = { kind, settings: {}, begin };
  const registry = RegistryName.parse('test');
  return { name: 'p', registry, applies: () => true, checks: [check], mode: 'enforce', exceptions: [] };
}
