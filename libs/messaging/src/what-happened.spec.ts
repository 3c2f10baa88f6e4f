import { MessagingError } from './messaging-error.js';
import { RetryLater } from './retry-later.js';
import { whatFailureMeans } from './what-happened.js';

describe('messaging/what-happened', () => {
  it.each([
    [
      'RetryLater is trouble that passes',
      new RetryLater('vendor answers 429', { retryAfterMs: 5000, cause: new Error('429') }),
      { kind: 'retry-later', why: 'vendor answers 429', retryAfterMs: 5000 },
    ],
    [
      'publishing that failed is trouble that passes, since acting again is harmless',
      new MessagingError('not-published', 'The broker did not accept it.'),
      { kind: 'retry-later', why: 'The broker did not accept it.' },
    ],
    [
      'an event too large to publish is a bug: it will be as large the next time',
      new MessagingError('too-large', 'The event is too large.'),
      { kind: 'bug', why: 'The event is too large.' },
    ],
    ['any other error is a bug', new RangeError('too deep'), { kind: 'bug', why: 'RangeError: too deep' }],
    [
      'whatever else is thrown is a bug, and is not repeated',
      { password: 'hush' },
      { kind: 'bug', why: 'something that is no error was thrown: object' },
    ],
  ])('%s', (_, error, what) => {
    expect(whatFailureMeans(error, false)).toEqual(what);
    expect(whatFailureMeans(error, true)).toEqual({ kind: 'shutting-down' });
  });

  it('keeps the cause of a RetryLater for the logs', () => {
    const cause = new Error('socket hang up');
    expect(new RetryLater('timed out', { cause })).toMatchObject({
      name: 'RetryLater',
      message: 'timed out',
      cause,
    });
  });
});
