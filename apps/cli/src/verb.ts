import type { ParseArgsConfig, parseArgs } from 'node:util';
import type { Console } from './console.js';

/** An option as `node:util` parses it, with the sentence that `--help` has for it. */
export type VerbOption = NonNullable<ParseArgsConfig['options']>[string] & {
  help: string;
  /** What stands for its value in the usage: `FILE`. */
  value?: string;
};

export type VerbOptions = Record<string, VerbOption>;

export type ValuesOf<O extends VerbOptions> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/** What a verb has found out or done. */
export interface Answer {
  /** 0: yes, done. 1: a finding or a refusal. */
  exitCode: 0 | 1;
  /** What `--json` prints. */
  document: unknown;
  /** What is printed otherwise, for a person. */
  lines: readonly string[];
}

/** One thing that the command line can do. */
export interface Verb<O extends VerbOptions = VerbOptions> {
  /** One or two words. */
  name: string;
  /** One line for the list of verbs. */
  summary: string;
  /** What it does and does not do. */
  description: string;
  /** What must be said without a name, in this order: `KIND`. */
  words?: readonly string[];
  options: O;
  examples: readonly string[];
  /** What 0 and 1 mean here. */
  exitCodes: { 0: string; 1: string };
  run(values: ValuesOf<O>, console: Console, words: readonly string[]): Promise<Answer>;
}

/** Lets a verb's `run` know the types of its own options, and puts it among verbs of any options. */
export function defineVerb<const O extends VerbOptions>(verb: Verb<O>): Verb {
  return verb;
}
