import { readBounded } from '@pratique/oci';
import { request } from 'undici';
import { unavailable } from './no-answer-error.js';
import { parseAnswer } from './parse-answer.js';
import { TrivyVersion } from './trivy-report.js';

const maxVersionBytes = 64 * 1024;

/**
 * What a Trivy server says of itself and of its data.
 *
 * @throws NoAnswerError, or the signal's reason when aborted
 */
export async function readTrivyServerVersion({
  url,
  name,
  signal,
}: {
  url: string;
  name: string;
  signal: AbortSignal;
}): Promise<TrivyVersion> {
  try {
    const { statusCode, body } = await request(new URL('/version', url), { reset: true, signal });
    const bytes = await readBounded(body, { maxBytes: maxVersionBytes, operation: 'scanner-version' });
    if (statusCode === 200) return parseAnswer(bytes, TrivyVersion, `The server of ${name}`);
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(`The server of the scanner ${name} does not tell how old its data is.`, {
      cause: error,
    });
  }
  throw unavailable(`The server of the scanner ${name} does not tell how old its data is: update it.`, {
    retryable: false,
  });
}
