import { RepeatedWarnings } from './repeated-warnings.js';

describe('messaging/repeated-warnings', () => {
  it('lets the same text through once a minute, and another one at once', () => {
    const warnings = new RepeatedWarnings();
    expect([0, 500, 59_999, 60_000].map((now) => warnings.allows('refused', now))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(warnings.allows('not found', 60_001)).toBe(true);
  });
});
