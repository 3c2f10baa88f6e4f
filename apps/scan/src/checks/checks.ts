import { z } from 'zod';
import type { CheckDefinition, PreparedCheck } from './check.js';
import { contentCheck } from './content.check.js';

/** Every kind of check there is. Settings, documentation and console are derived from this list. */
export const checks = [contentCheck] as const;

export type CheckKind = (typeof checks)[number]['kind'];

/** One entry of a policy's `checks`: `{ content: { … } }`. It becomes the check, ready to begin. */
export const CheckSettings = z.union(checks.map(settingsOf), {
  error: `is not a check: write { <kind>: { … } } with one of the kinds ${checks.map(({ kind }) => kind).join(', ')}`,
});

function settingsOf<K extends string, S extends z.ZodType>(
  definition: CheckDefinition<K, S>,
): z.ZodType<PreparedCheck> {
  const { kind, settings, prepare } = definition;
  return z.strictObject({ [kind]: settings } as Record<K, S>).transform((entry) => {
    const validated = (entry as Record<K, z.output<S>>)[kind];
    return { kind, settings: validated, begin: prepare(validated) };
  });
}

/** Prepares a check from settings that were validated before, in another thread. */
export function prepareAgain({ kind, settings }: Pick<PreparedCheck, 'kind' | 'settings'>): PreparedCheck {
  const definition = checks.find((check) => check.kind === kind);
  if (definition === undefined) throw new Error(`there is no check ${kind}`);
  const prepare = definition.prepare as (settings: unknown) => PreparedCheck['begin'];
  return { kind, settings, begin: prepare(settings) };
}
