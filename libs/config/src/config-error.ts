import { SetupError } from './setup-error.js';

/** One thing that is wrong in a configuration file. Line and column count from 1. */
export interface ConfigProblem {
  line: number;
  column: number;
  /** Where in the document, as `registries[0].host`; empty for the document itself. */
  path: string;
  /** What is wrong and how to mend it, in one sentence. */
  message: string;
}

/** A configuration that cannot be used, with everything that is wrong in it, so that one round of editing is enough. */
export class ConfigError extends SetupError {
  override readonly name = 'ConfigError';

  constructor(
    readonly file: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(problems.map((problem) => describeProblem(file, problem)).join('\n'));
  }
}

function describeProblem(file: string, { line, column, path, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path} `}${message}`;
}
