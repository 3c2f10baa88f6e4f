/**
 * - `access-refused`: the identity may not manage the namespace.
 * - `not-reachable`: nobody answered, or not in time.
 * - `refused`: the broker answered that it does not do this; its own words are in the message.
 * - `declared-elsewhere`: the broker takes its entities from a file at its start, and cannot be told to make any.
 */
export type TopologyErrorCode = 'access-refused' | 'not-reachable' | 'refused' | 'declared-elsewhere';

/** What keeps a topology from being looked at or changed. The message is a sentence for a person and names what to do. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';

  constructor(
    readonly code: TopologyErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
