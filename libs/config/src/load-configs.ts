import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { loadConfig, type LoadOptions } from './load-config.js';

/**
 * Loads one file for several readers at once: each gets the sections that its own schema names.
 *
 * @throws ConfigError with the findings of all of them, each once
 */
export function loadConfigs<S extends Record<string, z.ZodType>>(
  path: string,
  schemas: S,
  options: LoadOptions = {},
): { [Name in keyof S]: z.output<S[Name]> } {
  const problems = new Map<string, ConfigProblem>();
  const loaded = Object.entries(schemas).map(([name, schema]): [string, unknown] => {
    try {
      return [name, loadConfig(path, schema, options)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(JSON.stringify(problem), problem);
      return [name, undefined];
    }
  });
  if (problems.size > 0) throw new ConfigError(path, [...problems.values()]);
  return Object.fromEntries(loaded) as { [Name in keyof S]: z.output<S[Name]> };
}
