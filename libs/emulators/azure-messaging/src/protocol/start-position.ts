import type { StartPosition } from '../engine/event-partition.js';
import { AmqpError } from './amqp-error.js';

/** The name of the filter in the receiver's source under which the clients send where to start. */
export const SELECTOR_FILTER = 'apache.org:selector-filter:string';

const SELECTOR =
  /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time) (>=?) '(@latest|-?\d{1,20})'$/;
const KINDS = { offset: 'offset', 'sequence-number': 'sequence', 'enqueued-time': 'enqueued-time' } as const;

/** Reads where an event receiver starts; without a filter at the beginning. Throws AmqpError `com.microsoft:argument-error`. */
export function parseStartPosition(selector: unknown): StartPosition {
  if (selector === undefined) return { kind: 'sequence', after: -1, inclusive: false };
  const text = typeof selector === 'string' ? selector : '';
  const [, name, comparison, value] = SELECTOR.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new AmqpError('com.microsoft:argument-error', `The emulator cannot start reading at: ${text}`);
  }
  if (value === '@latest') return { kind: 'latest' };
  return { kind: KINDS[name as keyof typeof KINDS], after: Number(value), inclusive: comparison === '>=' };
}
