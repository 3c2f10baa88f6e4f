import { z } from 'zod';
import type { AskingCheck, AskingCheckDefinition, CheckDefinition, PreparedCheck } from './check.js';
import { contentCheck } from './content.check.js';
import { imageConfigCheck } from './image-config.check.js';
import { sbomCheck } from './sbom.check.js';
import { secretsCheck } from './secrets.check.js';
import { signatureCheck } from './signature.check.js';
import { vulnerabilitiesCheck } from './vulnerabilities.check.js';

/** Every kind of check there is. Settings, documentation and console are derived from this list. */
export const checks = [
  contentCheck,
  imageConfigCheck,
  sbomCheck,
  secretsCheck,
  signatureCheck,
  vulnerabilitiesCheck,
] as const;

export type CheckKind = (typeof checks)[number]['kind'];

type AnyDefinition = CheckDefinition<string, z.ZodType> | AskingCheckDefinition<string, z.ZodType>;

// Each knows the type of its own settings; here they are only passed on to whom they belong.
const definitions: readonly AnyDefinition[] = checks;

const kinds = checks.map(({ kind }) => kind).join(', ');

/** One entry of a policy's `checks`: `{ content: { … } }`. It becomes the check, ready to begin or to ask. */
export const CheckSettings = z
  .object(Object.fromEntries(definitions.map((definition) => [definition.kind, settingsOf(definition)])))
  .catchall(z.unknown().refine(() => false, { message: `is no kind of check; there are ${kinds}` }))
  .refine((entry) => Object.keys(entry).length === 1, {
    message: `is not a check: write { <kind>: { … } } with one of the kinds ${kinds}`,
  })
  .transform((entry) => Object.values(entry)[0] as PreparedCheck | AskingCheck);

function settingsOf(definition: AnyDefinition): z.ZodType<PreparedCheck | AskingCheck | undefined> {
  const { kind } = definition;
  const ready = (settings: unknown): PreparedCheck | AskingCheck =>
    'prepare' in definition
      ? { kind, settings, begin: definition.prepare(settings) }
      : { kind, settings, ask: (question) => definition.ask(settings, question) };
  return definition.settings.transform(ready).optional();
}

/** Prepares a check from settings that were validated before, in another thread. */
export function prepareAgain({ kind, settings }: Pick<PreparedCheck, 'kind' | 'settings'>): PreparedCheck {
  const definition = definitions.find((check) => check.kind === kind);
  if (definition === undefined || !('prepare' in definition)) throw new Error(`there is no check ${kind}`);
  return { kind, settings, begin: definition.prepare(settings) };
}

/** Judges by a check's settings what a check of its kind has seen before; undefined where that cannot be done. */
export function replayCheck(
  { kind, settings }: Pick<AskingCheck, 'kind' | 'settings'>,
  evidence: unknown,
): ReturnType<NonNullable<AskingCheckDefinition<string, z.ZodType>['replay']>> {
  const definition = definitions.find((check) => check.kind === kind);
  if (definition === undefined || !('replay' in definition)) return undefined;
  return definition.replay(settings, evidence);
}
