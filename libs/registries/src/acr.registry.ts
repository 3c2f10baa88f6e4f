import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { AcrSettings } from './acr-settings.js';
import { heardEvent, type Hearing, NotifiedImage } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import { readWebhookJson } from './webhook-json.js';

/**
 * Azure Container Registry.
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference
 *
 * - It signs nothing; it can only send headers that the operator chose.
 * - It tries once, for five seconds, and never again: whatever is not accepted is gone.
 * - With the quarantine policy on, a push is told as `quarantine`; `push` follows when the image is released.
 * - `delete` tells of a manifest or a repository, without a tag; taking away only a tag is not told at all.
 */
export const acr = defineRegistry({
  kind: 'acr',
  settings: AcrSettings,
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, settings) => verifyHeaderSecret(request, settings.webhook),
    normalise: ({ body, receivedAt }, { name }) => normalise(body, { registry: name, receivedAt }),
  },
});

const heardAs: Readonly<Record<string, HeardEvent['name']>> = {
  push: 'pushed',
  delete: 'deleted',
  quarantine: 'quarantined',
};

const AnyNotification = z.object({ action: z.string().min(1).max(64) });

function normalise(body: Buffer, hearing: Hearing): HeardEvent[] | Refusal {
  const json = readWebhookJson(body);
  if (json instanceof Refusal) return json;
  const any = AnyNotification.safeParse(json.value);
  if (!any.success) return malformedBy(any.error);
  // `ping` (the portal's test), `chart_push` and `chart_delete` (the retired Helm store), and whatever is added later.
  const name = Object.hasOwn(heardAs, any.data.action) ? heardAs[any.data.action] : undefined;
  if (name === undefined) return [];
  const image = NotifiedImage.safeParse(json.value);
  if (!image.success) return malformedBy(image.error);
  const event = heardEvent(name, image.data, hearing);
  return event instanceof Refusal ? event : [event];
}
