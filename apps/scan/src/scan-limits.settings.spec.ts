import { parseConfig } from '@pratique/config';
import { z } from 'zod';
import { defaultLimits, ScanLimits } from './scan-limits.settings.js';

const Sections = z.object({ scanLimits: ScanLimits });

function read(text: string): ScanLimits {
  return parseConfig({ file: 'test.yaml', text }, Sections).scanLimits;
}

describe('scan/scan-limits.settings', () => {
  it('bounds everything where nothing is configured', () => {
    expect(read('trust: []')).toEqual(defaultLimits);
    const limits = Object.values(defaultLimits).flatMap((group: object) => Object.values(group) as unknown[]);
    expect(limits.every((limit) => typeof limit === 'number' && limit > 0 && Number.isFinite(limit))).toBe(
      true,
    );
  });

  it('changes one limit and leaves the others', () => {
    expect(read('scanLimits: { layer: { entries: 7 } }')).toEqual({
      ...defaultLimits,
      layer: { ...defaultLimits.layer, entries: 7 },
    });
  });

  it.each([
    ['{ layer: { entries: 0 } }', /scanLimits\.layer\.entries/],
    ['{ layer: { bytes: 5GiB } }', /scanLimits\.layer\.bytes/],
    ['{ image: { configBytes: 1000000000 } }', /scanLimits\.image\.configBytes/],
    ['{ index: { depths: 2 } }', /depths is not a setting that exists here/],
  ])('refuses %s, and says where', (limits, problem) => {
    expect(() => read(`scanLimits: ${limits}`)).toThrow(problem);
  });
});
