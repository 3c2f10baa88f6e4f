/**
 * Why the engine refused. `lock-lost`: the token is unknown or its lock ran out. `message-not-found`: no scheduled
 * message has that number. `entity-not-found`: no entity has that name. `quota-exceeded`: the entity is full.
 * `argument-out-of-range`: e.g. a partition that does not exist. `not-allowed`: understood and refused, as Azure does.
 * `receiver-displaced`: another receiver owns the partition. `not-implemented`: Azure can do this, the emulator cannot.
 */
export type EngineErrorCode =
  | 'argument-out-of-range'
  | 'entity-not-found'
  | 'lock-lost'
  | 'message-not-found'
  | 'not-allowed'
  | 'not-implemented'
  | 'quota-exceeded'
  | 'receiver-displaced';

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
