import { joinReports } from './join-reports.js';
import type { ExaminedCheck } from './verdict.js';

const check = { policy: 'p', kind: 'content' };
const bad = { id: 'denied', message: 'It is denied.', mend: 'Leave it out.' };

describe('scan/join-reports', () => {
  it.each<[ExaminedCheck['result'][], ExaminedCheck['result']]>([
    [[], 'nothing-to-check'],
    [['nothing-to-check', 'nothing-to-check'], 'nothing-to-check'],
    [['nothing-to-check', 'passed'], 'passed'],
    [['passed', 'crashed', 'passed'], 'crashed'],
    [['passed', 'failed', 'crashed'], 'failed'],
  ])('makes of %j %s', (results, whole) => {
    expect(
      joinReports(
        [check],
        results.map((result) => [report({ result })]),
      )[0]?.result,
    ).toBe(whole);
  });

  it('keeps checks apart that are of one kind, and has a report for each', () => {
    const parts = [[report({ result: 'passed' }), report({ result: 'failed', findings: [bad] })], []];

    expect(joinReports([check, check], parts)).toEqual([
      { ...check, result: 'passed', findings: [] },
      { ...check, result: 'failed', findings: [bad] },
    ]);
    expect(joinReports([check, check], [])).toHaveLength(2);
  });

  it('keeps as many findings as one part may have, and counts the others', () => {
    const many = report({ result: 'failed', findings: Array.from({ length: 80 }, () => bad), unlisted: 5 });

    const [joined] = joinReports([check], [[many], [many]]);

    expect(joined?.findings).toHaveLength(100);
    expect(joined?.unlisted).toBe(70);
  });
});

function report(about: Partial<ExaminedCheck>): ExaminedCheck {
  return { ...check, result: 'passed', findings: [], ...about };
}
