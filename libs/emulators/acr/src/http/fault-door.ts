/** What a test sees of a request before the emulator handles it. */
export interface InterceptedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
}

/** An answer given in place of the emulator's. */
export interface FaultReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * What shall happen to a request: handle it, cut the connection without an answer, or give this answer instead.
 * The emulator waits for the promise, so a test can also hold a request back.
 */
export type Intercept = (request: InterceptedRequest) => Promise<'proceed' | 'drop' | FaultReply>;
