import { z } from 'zod';
import type { CheckDefinition, PreparedCheck } from './check.js';
import { contentCheck } from './content.check.js';
import { imageConfigCheck } from './image-config.check.js';
import { secretsCheck } from './secrets.check.js';

/** Every kind of check there is. Settings, documentation and console are derived from this list. */
export const checks = [contentCheck, imageConfigCheck, secretsCheck] as const;

export type CheckKind = (typeof checks)[number]['kind'];

// Each knows the type of its own settings; here they are only passed on to whom they belong.
const definitions: readonly CheckDefinition<string, z.ZodType>[] = checks;

const kinds = checks.map(({ kind }) => kind).join(', ');

/** One entry of a policy's `checks`: `{ content: { … } }`. It becomes the check, ready to begin. */
export const CheckSettings = z
  .object(Object.fromEntries(definitions.map((definition) => [definition.kind, settingsOf(definition)])))
  .catchall(z.unknown().refine(() => false, { message: `is no kind of check; there are ${kinds}` }))
  .refine((entry) => Object.keys(entry).length === 1, {
    message: `is not a check: write { <kind>: { … } } with one of the kinds ${kinds}`,
  })
  .transform((entry) => Object.values(entry)[0] as PreparedCheck);

function settingsOf({
  kind,
  settings,
  prepare,
}: (typeof definitions)[number]): z.ZodType<PreparedCheck | undefined> {
  return settings
    .transform((validated) => ({ kind, settings: validated, begin: prepare(validated) }))
    .optional();
}

/** Prepares a check from settings that were validated before, in another thread. */
export function prepareAgain({ kind, settings }: Pick<PreparedCheck, 'kind' | 'settings'>): PreparedCheck {
  const definition = definitions.find((check) => check.kind === kind);
  if (definition === undefined) throw new Error(`there is no check ${kind}`);
  return { kind, settings, begin: definition.prepare(settings) };
}
