import type { z } from 'zod';
import { invalidAnswer } from './no-answer-error.js';

/**
 * Reads what a scanner answered.
 *
 * @param who for the sentence: `The scanner trivy`
 * @throws NoAnswerError `scanner-answer-invalid`
 */
export function parseAnswer<S extends z.ZodType>(bytes: Buffer, schema: S, who: string): z.output<S> {
  const result = schema.safeParse(parseJson(bytes, who));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'as a whole' : `at ${issue.path.join('.')}`;
  throw invalidAnswer(`${who} answered with something that is not its report (${where}).`, result.error);
}

function parseJson(bytes: Buffer, who: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalidAnswer(`${who} answered with something that is not JSON.`, error);
  }
}
