import { parseStartPosition } from './start-position.js';

describe('protocol/start-position', () => {
  it.each([
    [undefined, { kind: 'sequence', after: -1, inclusive: false }],
    ["amqp.annotation.x-opt-offset > '-1'", { kind: 'offset', after: -1, inclusive: false }],
    ["amqp.annotation.x-opt-offset > '@latest'", { kind: 'latest' }],
    ["amqp.annotation.x-opt-offset >= '512'", { kind: 'offset', after: 512, inclusive: true }],
    ["amqp.annotation.x-opt-sequence-number >= '5'", { kind: 'sequence', after: 5, inclusive: true }],
    [
      "amqp.annotation.x-opt-enqueued-time > '1700000000000'",
      { kind: 'enqueued-time', after: 1.7e12, inclusive: false },
    ],
  ])('reads %s', (selector, expected) => {
    expect(parseStartPosition(selector)).toEqual(expected);
  });

  it.each(["amqp.annotation.x-opt-publisher > '1'", 'x', 5, "amqp.annotation.x-opt-offset > '1' OR 1=1"])(
    'refuses %s',
    (selector) => {
      expect(() => parseStartPosition(selector)).toThrow(/cannot start reading/);
    },
  );
});
