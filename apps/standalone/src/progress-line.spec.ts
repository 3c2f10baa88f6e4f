import { type LedgerEntry, progressLine } from './progress-line.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const pushed: LedgerEntry = {
  kind: 'event',
  type: 'io.pratique.image.pushed.v1',
  source: 'vendor',
  time: new Date('2026-11-22T10:31:02.123Z'),
  registry: 'vendor',
  repository: 'bicep/network',
  tag: '1.0.0',
  digest,
  message: null,
  body: { data: {} },
};

describe('standalone/progress-line', () => {
  it('tells what a registry reported, when, and about which bytes', () => {
    expect(progressLine(pushed)).toBe(
      '10:31:02.123  ingress   image.pushed            0123456789ab    vendor reports that bicep/network:1.0.0 was pushed',
    );
  });

  it('tells a decision as what it is, and by whom', () => {
    const line = progressLine({ ...pushed, type: 'io.pratique.image.cleared.v1', registry: 'customer' });

    expect(line).toContain('scan      image.cleared');
    expect(line).toMatch(/bicep\/network:1\.0\.0 in customer is cleared$/);
  });

  it('tells an outcome in its own words, with short digests and how long it took', () => {
    const line = progressLine({
      ...pushed,
      kind: 'outcome',
      type: 'io.pratique.sync.copied.v1',
      source: 'pratique/sync',
      message: `Copied it (${digest}).`,
      body: { data: { durationMs: 41.6 } },
    });

    expect(line).toMatch(/sync {6}sync\.copied .* Copied it \(sha256:0123456789ab…\)\. {2}\(42 ms\)$/);
  });

  it('does without a tag and a digest where there is none', () => {
    expect(progressLine({ ...pushed, tag: null, digest: null })).toMatch(
      /vendor reports that bicep\/network was pushed$/,
    );
  });
});
