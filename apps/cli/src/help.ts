import type { Verb, VerbOption } from './verb.js';

const everyVerb: Record<string, VerbOption> = {
  json: { type: 'boolean', help: 'print one JSON document instead of sentences' },
  help: { type: 'boolean', help: 'print this' },
};

const usageExit = '2  wrong use: an unknown verb or option, or a value that cannot be';

/** Everything about one verb. */
export function verbHelp(verb: Verb): string {
  const options = { ...verb.options, ...everyVerb };
  return [
    `pratique ${verb.name}: ${verb.summary}`,
    '',
    `Usage: ${[`pratique ${verb.name}`, ...(verb.words ?? []), ...Object.entries(options).map(usageOf)].join(' ')}`,
    '',
    verb.description.trim(),
    '',
    'Options:',
    ...table(Object.entries(options).map(([name, option]) => [flagOf(name, option), option.help])),
    '',
    'Examples:',
    ...verb.examples.map((example) => `  ${example}`),
    '',
    'Exit codes:',
    `  0  ${verb.exitCodes[0]}`,
    `  1  ${verb.exitCodes[1]}`,
    `  ${usageExit}`,
  ].join('\n');
}

/** All verbs, or those that begin with a word. */
export function overview(verbs: readonly Verb[], word?: string): string {
  return [
    word === undefined
      ? 'pratique: look after an installation of Pratique from the command line'
      : `pratique ${word}: one of several verbs`,
    '',
    `Usage: pratique ${word ?? 'VERB'} ${word === undefined ? '' : 'VERB '}[options]      from the repository: npm run -s pratique -- VERB`,
    '',
    'Verbs:',
    ...table(verbs.map(({ name, summary }) => [name, summary])),
    '',
    'Each has --help, with what it does, examples and exit codes, and --json for programs. The configuration is --config',
    'FILE, else the file that PRATIQUE_CONFIG names, else pratique.yaml in this folder.',
  ].join('\n');
}

function usageOf([name, option]: [string, VerbOption]): string {
  return `[${flagOf(name, option)}]${option.multiple === true ? '…' : ''}`;
}

function flagOf(name: string, { value }: VerbOption): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}
