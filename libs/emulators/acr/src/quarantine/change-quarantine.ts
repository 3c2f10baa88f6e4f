import { z } from 'zod';

import { type Registry, timestamp } from '../registry/registry.js';
import { RegistryError } from '../registry/registry-error.js';
import type { QuarantineEntry, StoredManifest } from '../registry/stored-image.js';
import type { WebhookRequest } from '../webhooks/webhook-event.js';
import { isReleased } from './quarantine-rules.js';

/** Azure's limit is not documented; its schema bounds the description at 1024 characters and the rest is short. */
const maxDetailsCharacters = 4096;

/** What a PATCH may change. `quarantineDetails` is a string that holds JSON, whose schema Azure does not enforce. */
const QuarantineChange = z
  .object({
    quarantineState: z.enum(['Passed', 'Failed']).optional(),
    quarantineDetails: z.string().max(maxDetailsCharacters).refine(isJson).optional(),
  })
  .refine((change) => change.quarantineState !== undefined || change.quarantineDetails !== undefined);
export type QuarantineChange = z.infer<typeof QuarantineChange>;

/** Reads the body of a PATCH, or throws what is wrong with it. */
export function parseQuarantineChange(body: Buffer): QuarantineChange {
  const text = body.toString('utf8');
  const parsed = QuarantineChange.safeParse(isJson(text) ? JSON.parse(text) : undefined);
  if (parsed.success) return parsed.data;
  const message =
    'The body must hold quarantineState Passed or Failed, quarantineDetails as a string of JSON ' +
    `of at most ${maxDetailsCharacters} characters, or both.`;
  throw new RegistryError('MANIFEST_INVALID', message, { cause: parsed.error });
}

export interface QuarantineDecision {
  readonly repository: string;
  readonly manifest: StoredManifest;
  readonly change: QuarantineChange;
  readonly request: WebhookRequest;
}

/**
 * Puts a verdict on a manifest. Becoming Passed releases it and announces `push`, once; a state that is already
 * there changes nothing. Passed may be taken back to Failed, which blocks the image again (belief).
 */
export async function changeQuarantine(
  registry: Registry,
  decision: QuarantineDecision,
): Promise<StoredManifest> {
  const { repository, manifest, change, request } = decision;
  const former: QuarantineEntry = manifest.quarantine ?? { state: 'Quarantined' };
  const entry: QuarantineEntry = {
    ...former,
    state: change.quarantineState ?? former.state,
    details: change.quarantineDetails ?? former.details,
  };
  if (entry.state === former.state && entry.details === former.details) return manifest;
  const changed: StoredManifest = { ...manifest, updatedAt: timestamp(registry), quarantine: entry };
  await registry.repositories.putManifest(repository, changed);
  if (isReleased(registry, changed) && !isReleased(registry, manifest)) {
    const tag = currentTag(registry, repository, changed);
    registry.webhooks.announce({ action: 'push', repository, tag, manifest: changed, request });
  }
  return changed;
}

/** The tag to announce: that of the last push, unless it has moved to other bytes or gone meanwhile. */
function currentTag(registry: Registry, repository: string, { digest, quarantine }: StoredManifest) {
  const tag = quarantine?.tag;
  return tag !== undefined && registry.repositories.tag(repository, tag)?.digest === digest ? tag : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
