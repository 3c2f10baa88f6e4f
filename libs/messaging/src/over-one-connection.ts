import { Cutoff } from './cutoff.js';
import { MessagingError } from './messaging-error.js';
import { isSilence } from './publishing.js';

export interface Connection<T> {
  /** A broker that has not answered after so long will not. */
  timeoutMs: number;
  get(): T;
  replace(dead: T): void;
}

/**
 * Runs a send over the connection that there is, and once more over a new one when the broker does not answer. The SDK
 * itself would try again over the same dead connection. What is sent must bear being sent twice.
 *
 * @throws MessagingError `no-answer`, or what `send` throws
 */
export async function overOneConnection<T>(
  connection: Connection<T>,
  send: (client: T) => Promise<void>,
): Promise<void> {
  const client = connection.get();
  try {
    await answered(send(client), connection.timeoutMs);
    return;
  } catch (error) {
    if (isSilence(error)) connection.replace(client);
    // Also when somebody else found the connection dead, and closed it while this was being sent.
    if (connection.get() === client) throw error;
  }
  const another = connection.get();
  try {
    await answered(send(another), connection.timeoutMs);
  } catch (error) {
    if (isSilence(error)) connection.replace(another);
    throw error;
  }
}

async function answered(sending: Promise<void>, timeoutMs: number): Promise<void> {
  const tooLong = new Cutoff();
  const timer = setTimeout(() => tooLong.cut(), timeoutMs);
  try {
    if ((await tooLong.before(sending)) === undefined) throw noAnswer(timeoutMs);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells that the broker took the connection and says nothing. */
export function noAnswer(timeoutMs: number): MessagingError {
  return new MessagingError(
    'no-answer',
    `The broker took the connection and did not answer within ${timeoutMs} ms: it is asked again over a new one.`,
  );
}
