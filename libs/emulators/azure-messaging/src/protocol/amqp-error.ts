import { EngineError, type EngineErrorCode } from '../engine/engine-error.js';
import type { AmqpErrorFields } from './rhea-endpoints.js';

/** An error as it goes over the wire; the clients turn the condition into their own codes. */
export class AmqpError extends Error {
  override readonly name = 'AmqpError';

  constructor(
    readonly condition: string,
    message: string,
  ) {
    super(message);
  }
}

/** Conditions by which the clients recognise each refusal of the engine. */
const CONDITIONS: Readonly<Record<EngineErrorCode, string>> = {
  'argument-out-of-range': 'com.microsoft:argument-out-of-range',
  'entity-not-found': 'amqp:not-found',
  'lock-lost': 'com.microsoft:message-lock-lost',
  'message-not-found': 'com.microsoft:message-not-found',
  'not-allowed': 'amqp:not-allowed',
  'not-implemented': 'amqp:not-implemented',
  'quota-exceeded': 'amqp:resource-limit-exceeded',
  'receiver-displaced': 'amqp:link:stolen',
};

/** Status codes for replies of `$management` and `$cbs`; anything else is the broker's own fault. */
const STATUS_CODES: Readonly<Record<string, number>> = {
  'amqp:decode-error': 400,
  'amqp:not-allowed': 400,
  'amqp:not-found': 404,
  'amqp:not-implemented': 501,
  'amqp:resource-limit-exceeded': 403,
  'amqp:unauthorized-access': 401,
  'com.microsoft:argument-error': 400,
  'com.microsoft:argument-out-of-range': 400,
  'com.microsoft:message-lock-lost': 410,
  'com.microsoft:message-not-found': 404,
};

/** The wire form of whatever went wrong. What is not ours is an internal error, which the clients try again. */
export function amqpErrorFields(error: unknown): AmqpErrorFields {
  if (error instanceof EngineError) return { condition: CONDITIONS[error.code], description: error.message };
  if (error instanceof AmqpError) return { condition: error.condition, description: error.message };
  return {
    condition: 'amqp:internal-error',
    description: `The emulator failed: ${error instanceof Error ? error.message : String(error)}`,
  };
}

export function statusCodeOf(condition: string): number {
  return STATUS_CODES[condition] ?? 500;
}

/** The clients report a missing entity only for a description of exactly this form. */
export function entityNotFound(address: string): AmqpError {
  return new AmqpError('amqp:not-found', `The messaging entity '${address}' could not be found.`);
}

export function notImplemented(operation: string): AmqpError {
  return new AmqpError('amqp:not-implemented', `The emulator does not implement ${operation}.`);
}
