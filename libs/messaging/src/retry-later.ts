import { RpcException } from '@nestjs/microservices';

/**
 * Thrown by a handler when the trouble will pass: throttled, a 5xx, a timeout, a busy scanner. The message comes back to
 * this subscription after a delay that grows with every attempt and is never shorter than `retryAfterMs`.
 *
 * It is an `RpcException` because Nest hands only those through to the transport; whatever else a handler throws it
 * replaces with "Internal server error" (see {@link TrueErrorFilter}).
 */
export class RetryLater extends RpcException {
  override readonly name = 'RetryLater';
  /** Milliseconds that the other side asked to be left alone for. */
  readonly retryAfterMs: number | undefined;

  constructor(sentence: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(sentence);
    this.retryAfterMs = options.retryAfterMs;
    if (options.cause !== undefined) this.cause = options.cause;
  }

  /** What Nest's filter throws in place of this exception: itself. */
  override getError(): object {
    return this;
  }
}
