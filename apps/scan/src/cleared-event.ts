import { decidedRegistryEvent, type RegistryEvent } from '@pratique/contracts';
import type { Descriptor } from '@pratique/oci';
import type { Judgement } from './scan-outcome.js';

/** What others are told of an image that has passed. */
export function clearedEvent(
  event: RegistryEvent,
  { image, rule }: Judgement,
  found: Descriptor,
): RegistryEvent {
  return decidedRegistryEvent('cleared', event, {
    ...image,
    mediaType: found.mediaType,
    ...(event.data.artifactType !== undefined && { artifactType: event.data.artifactType }),
    size: found.size,
    occurredAt: new Date().toISOString(),
    receivedAt: event.data.receivedAt,
    decidedBy: rule,
  });
}
