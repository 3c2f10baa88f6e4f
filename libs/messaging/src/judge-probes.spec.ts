import { judgeProbes, type Probe } from './judge-probes.js';

const quiet: Probe = { answered: true, received: 7, hasRoom: true, waiting: [] };
const unanswered: Probe = { ...quiet, answered: false };
const waiting: Probe = { ...quiet, waiting: ['12', '13'] };

describe('messaging/judge-probes', () => {
  it.each<[string, [Probe | undefined, Probe], string]>([
    ['nothing is known yet', [undefined, unanswered], 'well'],
    ['nothing waits', [quiet, quiet], 'well'],
    ['one look was not answered', [quiet, unanswered], 'well'],
    ['two looks were not answered', [unanswered, unanswered], 'unreachable'],
    ['a look was answered again', [unanswered, quiet], 'well'],
    ['a message has just come to the broker', [quiet, waiting], 'well'],
    ['a message waits for the second time', [waiting, { ...waiting, waiting: ['13', '14'] }], 'silent'],
    ['other messages wait than before', [waiting, { ...waiting, waiting: ['14'] }], 'well'],
    ['something was received meanwhile', [waiting, { ...waiting, received: 8 }], 'well'],
    ['the receiver had no room before', [{ ...waiting, hasRoom: false }, waiting], 'well'],
    ['the receiver has no room now', [waiting, { ...waiting, hasRoom: false }], 'well'],
  ])('when %s', (_, [earlier, now], verdict) => {
    expect(judgeProbes(earlier, now)).toBe(verdict);
  });
});
