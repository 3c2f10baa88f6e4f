import { Readable } from 'node:stream';
import { runCommandLine } from '../src/run-command-line.js';

export interface Ran {
  exitCode: number;
  out: string;
  err: string;
  questions: string[];
}

export interface Circumstances {
  /** What a person answers to every question; nobody is there when it is left out. */
  answers?: string;
  isTerminal?: boolean;
  /** What is on standard input. */
  input?: string;
}

/** Runs the command line as a process would, on streams of the test's own. */
export async function run(
  args: readonly string[],
  { answers, isTerminal = false, input = '' }: Circumstances = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const questions: string[] = [];
  const ask = (question: string): Promise<string> => {
    questions.push(question);
    return Promise.resolve(answers ?? '');
  };
  const exitCode = await runCommandLine(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isTerminal,
    ask: answers === undefined ? undefined : ask,
    now: () => performance.now(),
    input: Readable.from([Buffer.from(input)]),
  });
  return { exitCode, out, err, questions };
}
