import * as fc from 'fast-check';
import { sentMoment } from './sent-moment.js';

describe('registries/sent-moment', () => {
  it.each([
    ['2026-03-04T08:15:30Z', '2026-03-04T08:15:30.000Z'],
    ['2026-03-04T08:15:30.123456789Z', '2026-03-04T08:15:30.123Z'],
    ['2026-03-04T09:15:30.219+0100', '2026-03-04T08:15:30.219Z'],
    ['2026-03-04T09:15:30.219+01:00', '2026-03-04T08:15:30.219Z'],
    [1772612130, '2026-03-04T08:15:30.000Z'],
    [1772612130.5, '2026-03-04T08:15:30.500Z'],
    ['0001-01-01T00:00:00Z', undefined],
    [0, undefined],
    [1772612130000, undefined],
    ['yesterday', undefined],
    [null, undefined],
    [{}, undefined],
  ])('reads %j as %s', (sent, moment) => {
    expect(sentMoment(sent)).toBe(moment);
  });

  it('never throws, and what it gives is a moment', () => {
    fc.assert(
      fc.property(fc.anything(), (sent) => {
        const moment = sentMoment(sent);
        if (moment !== undefined) expect(new Date(moment).toISOString()).toBe(moment);
      }),
    );
  });
});
