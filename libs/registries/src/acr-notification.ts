import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { heardEvent, type Hearing, NotifiedImage } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';

const heardAs: ReadonlyMap<string, HeardEvent['name']> = new Map([
  ['push', 'pushed'],
  ['delete', 'deleted'],
  ['quarantine', 'quarantined'],
] as const);

const AnyNotification = z.object({ action: z.string().min(1).max(64) });

/**
 * What a notification of Azure Container Registry tells, whether it comes as a webhook or through Event Grid.
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
 */
export function hearAcrNotification(notification: unknown, hearing: Hearing): HeardEvent[] | Refusal {
  const any = AnyNotification.safeParse(notification);
  if (!any.success) return malformedBy(any.error);
  // `ping` (the portal's test), `chart_push` and `chart_delete` (the retired Helm store), and whatever is added later.
  const name = heardAs.get(any.data.action);
  if (name === undefined) return [];
  const image = NotifiedImage.safeParse(notification);
  if (!image.success) return malformedBy(image.error);
  const event = heardEvent(name, image.data, hearing);
  return event instanceof Refusal ? event : [event];
}
