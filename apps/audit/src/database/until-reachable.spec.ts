import { untilReachable } from './until-reachable.js';

function failure(code: string): Error {
  return Object.assign(new Error(`it failed with ${code}`), { code });
}

/** Fails with each error in turn, and then succeeds. */
function failingWith(...errors: Error[]): () => Promise<string> {
  const left = [...errors];
  return async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'open';
  };
}

const atOnce = { everyMs: 0 };

describe('audit/database/until-reachable', () => {
  it.each([
    ['nobody listens yet', failure('ECONNREFUSED')],
    ['its name is not known yet', failure('ENOTFOUND')],
    ['it is starting', failure('57P03')],
    ['it does not answer in time', new Error('timeout exceeded when trying to connect')],
    ['it ends the connection', new Error('Connection terminated unexpectedly')],
    ['none of its addresses answers', new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')])],
    ['another error tells of it', new Error('no tables', { cause: failure('ECONNREFUSED') })],
  ])('waits while %s', async (_, error) => {
    await expect(untilReachable(failingWith(error, error), atOnce)).resolves.toBe('open');
  });

  it.each([
    ['the password is wrong', failure('28P01')],
    ['there is no such database', failure('3D000')],
    ['a step of the migration is wrong', new Error('no tables', { cause: failure('42601') })],
  ])('does not wait when %s', async (_, error) => {
    await expect(untilReachable(failingWith(error), atOnce)).rejects.toBe(error);
  });

  it('waits no longer than it is told to', async () => {
    const stopping = new AbortController();
    const waiting = untilReachable(() => Promise.reject(failure('ECONNREFUSED')), {
      everyMs: 60_000,
      signal: stopping.signal,
      onWaiting: () => stopping.abort(),
    });

    await expect(waiting).rejects.toThrow('it failed with ECONNREFUSED');
  });

  it('says at first what it waits for, and again from time to time', async () => {
    const told: unknown[] = [];
    const errors = Array.from({ length: 61 }, () => failure('ECONNREFUSED'));

    await untilReachable(failingWith(...errors), { ...atOnce, onWaiting: (error) => told.push(error) });

    expect(told).toEqual([errors[0], errors[30], errors[60]]);
  });
});
