import { digestOf, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import type { RunningCopy } from '../../sync/src/running-copies.js';
import { copyLine, watchCopies } from './watch-copies.js';

const image = (registry: string): RunningCopy['source'] => ({
  registry: RegistryName.parse(registry),
  repository: RepositoryName.parse('team/app'),
  tag: Tag.parse('1'),
});
const copy: RunningCopy = {
  ...{ rule: 'mirror', source: image('vendor'), target: image('customer'), state: 'copying' },
  ...{ startedAt: '2026-01-02T03:04:05.000Z', digest: digestOf('image') },
  ...{ blobs: 3, bytes: 12_345_678, manifests: 0, referrers: 0 },
};

describe('standalone/watch-copies', () => {
  it('says how far a copy has come', () => {
    const line = copyLine(copy, Date.parse('2026-01-02T03:04:15.000Z'));

    expect(line.replace(/ {2,}/g, ' | ')).toBe(
      `03:04:15.000 | sync | sync.copying | ${digestOf('image').slice(7, 19)} | ` +
        'vendor team/app:1 to customer team/app:1: 12.3 MB copied, 3 blobs there | (10 s)',
    );
  });

  it('tells only of what takes its time, until it is told to stop', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const young = { ...copy, startedAt: '9999-01-01T00:00:00.000Z' };
    const print = (line: string): void => {
      if (lines.push(line) === 2) stop.abort();
    };

    await watchCopies({ list: () => [copy, young] }, { print, signal: stop.signal, everyMs: 1 });

    expect(lines).toHaveLength(2);
  });
});
