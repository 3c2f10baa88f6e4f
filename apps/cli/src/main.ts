import { createInterface } from 'node:readline/promises';
import { runCommandLine } from './run-command-line.js';
import type { Terminal } from './terminal.js';

const { stdin, stdout, stderr } = process;

async function ask(question: string): Promise<string> {
  // The question is no part of the answer, which may go into a file.
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

const terminal: Terminal = {
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
  isTerminal: stderr.isTTY,
  ask: stdin.isTTY ? ask : undefined,
  now: () => performance.now(),
  input: stdin as AsyncIterable<Uint8Array>,
};

// Whoever reads the answer may have heard enough, as `head` has: that is no error of ours.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), terminal);
