import { parseArgs } from 'node:util';
import { ConfigError } from '@pratique/config';
import { DeadLetterError, TopologyError } from '@pratique/messaging';
import type { Console } from './console.js';
import { overview, verbHelp } from './help.js';
import { progressBar } from './progress-bar.js';
import { printable, type Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';
import type { Answer, ValuesOf, Verb, VerbOptions } from './verb.js';
import { verbs } from './verbs/verbs.js';

export type ExitCode = 0 | 1 | 2;

/**
 * Does what a command line asks for: the answer goes to standard output, everything else to standard error.
 *
 * @returns 0 for yes, 1 for a finding or a refusal, 2 for wrong use
 * @throws what is a bug
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    const asked = find(args);
    if ('help' in asked) {
      terminal.out(`${asked.help}\n`);
      return 0;
    }
    const { verb, rest } = asked;
    const { help, json, words, ...values } = parse(verb, rest);
    if (help === true) {
      terminal.out(`${verbHelp(verb)}\n`);
      return 0;
    }
    const answer = await verb.run(values as ValuesOf<VerbOptions>, consoleOf(terminal), words);
    print(answer, { terminal, json: json === true });
    return answer.exitCode;
  } catch (error) {
    return explain(error, terminal);
  }
}

/** The verb with the most words that the arguments begin with. */
function find(args: readonly string[]): { verb: Verb; rest: string[] } | { help: string } {
  for (const words of [2, 1]) {
    const verb = verbs.find(({ name }) => name === args.slice(0, words).join(' '));
    if (verb !== undefined) return { verb, rest: args.slice(words) };
  }
  const [first = '', second] = args;
  if (isAskedForHelp(first)) return { help: overview(verbs) };
  const family = verbs.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length === 0) throw noSuchVerb(first, verbs);
  if (isAskedForHelp(second)) return { help: overview(family, first) };
  throw noSuchVerb(`${first} ${second ?? ''}`.trim(), family);
}

function isAskedForHelp(word: string | undefined): boolean {
  return word === '--help' || word === 'help';
}

function noSuchVerb(said: string, possible: readonly Verb[]): UsageError {
  const known = `${possible.map(({ name }) => name).join(', ')} (pratique --help explains them)`;
  return new UsageError(
    said === '' ? `Say what to do: ${known}` : `There is no verb "${said}"; there are ${known}`,
  );
}

function parse(verb: Verb, args: string[]): Record<string, unknown> & { words: string[] } {
  const options = { ...verb.options, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const most = verb.words?.length ?? 0;
  try {
    const { values, positionals: words } = parseArgs({ args, options, allowPositionals: most > 0 });
    if (words.length > most) throw new Error(`Unexpected argument '${words[most] ?? ''}'`);
    return { ...values, words };
  } catch (error) {
    // What follows the first sentence is about dashes and quotes.
    const [sentence = ''] = (error as Error).message.split(/\n|\. (?=To specify)/, 1);
    throw new UsageError(`${sentence.replace(/\.$/, '')} (pratique ${verb.name} --help lists the options)`);
  }
}

function print({ document, lines }: Answer, { terminal, json }: { terminal: Terminal; json: boolean }): void {
  if (json) terminal.out(`${JSON.stringify(document)}\n`);
  else for (const line of lines) terminal.out(`${printable(line)}\n`);
}

function consoleOf(terminal: Terminal): Console {
  const { ask } = terminal;
  return {
    canAsk: ask !== undefined,
    tell: (line) => terminal.err(`${printable(line)}\n`),
    confirm: async (question) => {
      const answer = await ask?.(`${printable(question)} [y/N] `);
      return /^y(es)?$/i.test(answer?.trim() ?? '');
    },
    progress: (label, total) => progressBar(terminal, { label, total }),
    read: (maxBytes) => readInput(terminal.input, maxBytes),
  };
}

async function readInput(input: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > maxBytes) throw new UsageError(`There are more than ${maxBytes} bytes on standard input`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.err(`${printable(error.message)}\n`);
    return 2;
  }
  if (error instanceof ConfigError || error instanceof DeadLetterError || error instanceof TopologyError) {
    terminal.err(`${printable(error.message)}\n`);
    return 1;
  }
  throw error;
}
