import type { z } from 'zod';
import { OciError } from './oci-error.js';

/**
 * Reads an answer by its schema.
 *
 * @throws OciError `protocol-violation`
 */
export function readJson<T>(bytes: Buffer, schema: z.ZodType<T>, operation: string): T {
  const result = schema.safeParse(parse(bytes));
  if (result.success) return result.data;
  throw new OciError(`The registry's answer to ${operation} cannot be read.`, {
    code: 'protocol-violation',
    operation,
    cause: result.error,
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // undefined matches no schema, so that one error says it for both.
    return undefined;
  }
}
