import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { describeIssue } from './describe-issue.js';
import { sectionNames } from './sections.js';
import { YamlSource } from './yaml-source.js';

export interface LoadOptions {
  /** What stands for a section that the file leaves out, as it would be written there. */
  defaults?: Readonly<Record<string, unknown>>;
}

/**
 * Loads `pratique.yaml` and checks the sections that `schema` names.
 *
 * @returns the typed configuration, deeply frozen, with secrets resolved
 * @throws ConfigError that lists every problem with its line and its mend
 */
export function loadConfig<S extends z.ZodType>(
  path: string,
  schema: S,
  options: LoadOptions = {},
): z.output<S> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const message = `cannot be read (${code}): name the file with --config, or in PRATIQUE_CONFIG`;
    throw new ConfigError(path, [{ line: 1, column: 1, path: '', message }]);
  }
  return parseConfig({ file: path, text, ...options }, schema);
}

export interface ConfigText extends LoadOptions {
  /** The name to use in messages. */
  file: string;
  text: string;
}

/** As {@link loadConfig}, for text that is at hand. */
export function parseConfig<S extends z.ZodType>(
  { file, text, defaults }: ConfigText,
  schema: S,
): z.output<S> {
  const source = YamlSource.parse(file, text);
  const unknown = unknownSections(source);
  const result = schema.safeParse(withDefaults(source.value, defaults), { reportInput: true });
  if (result.success && unknown.length === 0) return deepFreeze(result.data);
  const issues = result.success ? [] : result.error.issues.flatMap((issue) => problems(issue, source));
  throw new ConfigError(file, [...unknown, ...issues]);
}

// A file whose top level is no mapping is left as it is, for the schema to refuse.
function withDefaults(value: unknown, defaults: LoadOptions['defaults'] = {}): unknown {
  return typeof value === 'object' && !Array.isArray(value) ? { ...defaults, ...value } : value;
}

function problems(issue: z.core.$ZodIssue, source: YamlSource): ConfigProblem[] {
  return describeIssue(issue).map(({ path, message }) => ({
    ...source.locate(path),
    path: formatPath(path),
    message,
  }));
}

function unknownSections(source: YamlSource): ConfigProblem[] {
  const known: readonly string[] = sectionNames;
  if (Array.isArray(source.value)) return [];
  return Object.keys(source.value ?? {})
    .filter((name) => !known.includes(name))
    .map((name) => ({
      ...source.locate([name]),
      path: name,
      message: `is no section of pratique.yaml; the sections are ${known.join(', ')}`,
    }));
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
