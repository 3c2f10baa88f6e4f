import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { environmentVariable } from './environment.js';
import { Secret } from './secret.js';

// A mounted secret is one line; anything larger is the wrong file.
const maxSecretBytes = 64 * 1024;

const FromEnvironment = z.strictObject({ env: z.string().min(1) }).transform(({ env }, context) => {
  const value = environmentVariable(env);
  if (value !== undefined && value !== '') return new Secret(value);
  context.addIssue({
    code: 'custom',
    message: `the environment variable ${env} is not set: set it, or name another`,
  });
  return z.NEVER;
});

const FromFile = z.strictObject({ file: z.string().min(1) }).transform(({ file }, context) => {
  const value = readSecretFile(file);
  if (typeof value === 'string') return new Secret(value);
  context.addIssue({ code: 'custom', message: `the secret file ${file} ${value.problem}` });
  return z.NEVER;
});

/**
 * A secret in `pratique.yaml`: `{ env: NAME }` or `{ file: path }`, read when the file is loaded. A value written into
 * the file itself is refused, because such files are committed, mailed and mounted for everybody.
 */
export const SecretReference = z.union([FromEnvironment, FromFile], {
  error: 'is not a reference to a secret: write { env: NAME } or { file: path }, never the value itself',
});
export type SecretReference = z.input<typeof SecretReference>;

function readSecretFile(file: string): string | { problem: string } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { problem: `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})` };
  }
  if (bytes.length > maxSecretBytes) return { problem: `holds more than ${maxSecretBytes} bytes` };
  // Editors and `echo` end a file with a line break that is not part of the secret.
  const value = bytes.toString('utf8').replace(/\r?\n$/, '');
  return value === '' ? { problem: 'is empty' } : value;
}
