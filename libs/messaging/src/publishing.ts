import { MessagingError } from './messaging-error.js';

/** Runs a send, and says in our own terms when the broker did not accept it. */
export async function publishing(what: string, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (error instanceof MessagingError && error.code !== 'no-answer') throw error;
    throw new MessagingError(
      'not-published',
      `The broker did not accept ${what} (${brokerError(error)}): it is safe to publish it again.`,
      { cause: error },
    );
  }
}

// What the SDKs call it when nothing comes back, for a link, a send and a request (core-amqp's errors.ts).
const silences = [
  'OperationTimeoutError',
  'ServiceTimeout',
  'ServiceUnavailableError',
  'ServiceCommunicationProblem',
];

/** Whether an error says that the broker took the connection and did not answer, so that only another one can help. */
export function isSilence(error: unknown): boolean {
  if (error instanceof AggregateError) return isSilence(error.errors.at(-1));
  if (!(error instanceof Error)) return false;
  const { code, name } = error as Error & { code?: unknown };
  return code === 'no-answer' || silences.includes(name) || silences.includes(String(code));
}

// Long enough for what matters; the SDKs append stacks and tracking ids to some messages.
const longestMessage = 200;

/** What an SDK's error says, in one line. Its message alone is often empty, and its code alone often "GeneralError". */
export function brokerError(error: unknown): string {
  if (error instanceof AggregateError) return brokerError(error.errors.at(-1));
  if (!(error instanceof Error)) return 'no reason given';
  const { code, name, message } = error as Error & { code?: unknown };
  const [line = ''] = message.split('\n');
  return `${typeof code === 'string' ? code : name}: ${line.slice(0, longestMessage)}`;
}
