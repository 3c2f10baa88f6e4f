import type { z } from 'zod';
import type { CheckDefinition, PreparedCheck } from './check.js';
import { contentCheck } from './content.check.js';
import { imageConfigCheck } from './image-config.check.js';
import { secretsCheck } from './secrets.check.js';

/**
 * The checks that are shown an image's bytes. The threads that read images load these and not those that ask others, who
 * bring clients and verifiers with them that no thread needs.
 */
export const inspectingChecks = [contentCheck, imageConfigCheck, secretsCheck] as const;

// Each knows the type of its own settings; here they are only passed on to whom they belong.
const definitions: readonly CheckDefinition<string, z.ZodType>[] = inspectingChecks;

/** Prepares a check from settings that were validated before, in another thread. */
export function prepareAgain({ kind, settings }: Pick<PreparedCheck, 'kind' | 'settings'>): PreparedCheck {
  const definition = definitions.find((check) => check.kind === kind);
  if (definition === undefined) throw new Error(`there is no check ${kind}`);
  return { kind, settings, begin: definition.prepare(settings) };
}
