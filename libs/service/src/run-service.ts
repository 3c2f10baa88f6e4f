import { inspect } from 'node:util';
import { SetupError } from '@pratique/config';

/** The part of `process` that reports a failure to start. */
export interface StartedProcess {
  stderr: { write(text: string): unknown };
  exitCode?: typeof process.exitCode;
}

/**
 * Runs what a `main.ts` does, and says on standard error why it could not start: for a wrong configuration the sentences
 * that name line and mend, for anything else all that is known. The process then ends with status 1.
 */
export async function runService(
  main: () => Promise<unknown>,
  target: StartedProcess = process,
): Promise<void> {
  try {
    await main();
  } catch (error) {
    target.stderr.write(`${describeFailure(error)}\n`);
    target.exitCode = 1;
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  if (isTakenPort(error))
    return `${error.message}: another process answers there, so stop it or set another http.port`;
  return inspect(error);
}

function isTakenPort(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}
