import { type RegistryEvent, registryEventType } from '@pratique/contracts';
import type { SyncResult } from './sync-image.js';

/** How often a tag is looked at before it is believed not to name what the event tells of. */
const looks = 2;

/** Milliseconds until the next look: far more than a registry takes between telling of a tag and writing it. */
export const nextLookMs = 1_000;

/**
 * Whether an answer about a tag may have come before the registry has written it.
 *
 * CNCF Distribution tells of a push when it has the manifest, and writes the tag after that
 * (https://github.com/distribution/distribution/blob/v2.8.2/registry/handlers/manifests.go, PutManifest). Until then the
 * tag names nothing, or what it named before; no further event comes, so whoever believes it has lost the push.
 */
export function mayBeTooEarly(event: RegistryEvent, result: SyncResult, attempt: number): boolean {
  if (event.type !== registryEventType.pushed || attempt >= looks) return false;
  if (result.did === 'nothing' && result.why === 'image-gone') return true;
  // It was seen to move while its image was being copied: what it named last is no old news.
  if (result.did === 'copied' && result.figures.rounds > 1) return false;
  const { digest } = event.data;
  return digest !== undefined && result.digest !== digest;
}
