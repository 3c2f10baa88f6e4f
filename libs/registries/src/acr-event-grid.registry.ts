import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import { hearAcrNotification } from './acr-notification.js';
import { AcrSettings, azureName } from './acr-settings.js';
import { boundedList } from './bounded-list.js';
import { readCloudEvents } from './cloud-events-http.js';
import type { HandshakeAnswer } from './handshake-answer.js';
import type { Hearing } from './notified-image.js';
import { malformedBy, Refusal } from './refusal.js';
import { defineRegistry } from './registry.js';
import { consentTo } from './verification/consent.js';
import { verifyHeaderSecret } from './verification/header-secret.js';
import type { Verified } from './verification/verified.js';
import { readWebhookJson } from './webhook-json.js';

const AcrEventGridSettings = AcrSettings.extend({ kind: z.literal('acr-event-grid') });
type AcrEventGridSettings = z.output<typeof AcrEventGridSettings>;

// How Event Grid calls itself in every public cloud.
const eventGridOrigins = ['eventgrid.azure.net'];

/** Azure Container Registry, by subscriptions of Azure Event Grid. */
export const acrEventGrid = defineRegistry({
  kind: 'acr-event-grid',
  settings: AcrEventGridSettings,
  manual: {
    title: 'Azure Container Registry through Event Grid',
    documentation: [
      'https://learn.microsoft.com/azure/event-grid/event-schema-container-registry',
      'https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema',
      'https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema',
      'https://learn.microsoft.com/azure/event-grid/delivery-and-retry',
    ],
    proof:
      'It signs nothing; a delivery property of the subscription is a header that holds the secret. It is asked for before a subscription is confirmed too.',
    peculiarities: [
      'It waits 30 seconds and tries again for 24 hours: use it where an event must not be lost.',
      'Both schemas are understood, single events and batches; of a batch, all events are taken or none.',
      'With the Event Grid schema, a subscription is confirmed by sending its code back. With the CloudEvents schema, Event Grid asks with `OPTIONS`. Both are answered by themselves; the `validationUrl` is never called.',
      'With `resourceId`, only events of that registry are taken.',
      'The id of the notification inside is the identity of an event.',
    ],
    example: `- name: customer
  kind: acr-event-grid
  host: customer.azurecr.io
  webhook:
    secret: { env: CUSTOMER_WEBHOOK_SECRET }`,
    setUp: ({ address, host }) => `\`\`\`sh
az eventgrid event-subscription create --name pratique \\
  --source-resource-id $(az acr show --name ${azureName(host)} --query id --output tsv) \\
  --event-delivery-schema cloudeventschemav1_0 \\
  --included-event-types Microsoft.ContainerRegistry.ImagePushed Microsoft.ContainerRegistry.ImageDeleted \\
  --endpoint ${address} \\
  --delivery-attribute-mapping Authorization static "Bearer <secret>" true
\`\`\``,
  },
  webhook: {
    afterRefusal: 'gives-up',
    verify: (request, { webhook }) => verifyHeaderSecret(request, webhook),
    normalise,
    consent: (request) => consentTo(request, eventGridOrigins),
  },
});

const validation = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const images: readonly string[] = [
  'Microsoft.ContainerRegistry.ImagePushed',
  'Microsoft.ContainerRegistry.ImageDeleted',
];

const EventGridEvent = z.object({
  eventType: z.string().min(1).max(255),
  topic: z.string().max(2048),
  data: z.unknown().optional(),
});

// The largest batch that a subscription can ask for.
const EventGridEvents = boundedList(EventGridEvent, { min: 1, max: 5000 });

const ValidationData = z.object({ validationCode: z.string().min(1).max(255) });

/** What both schemas say in their own words. */
interface GridEvent {
  type: string;
  /** The resource that it is about. */
  source: string;
  data: unknown;
}

function normalise(
  verified: Verified,
  settings: AcrEventGridSettings,
): HeardEvent[] | HandshakeAnswer | Refusal {
  const events = readEither(verified);
  if (events instanceof Refusal) return events;
  if (events.some(({ source }) => !isOf(settings, source)))
    return new Refusal('not-authenticated', 'it is of another resource than the configured resourceId');
  const [first] = events;
  if (first?.type === validation) return confirm(first);
  return hearAll(events, { registry: settings.name, receivedAt: verified.receivedAt });
}

function readEither(verified: Verified): GridEvent[] | Refusal {
  const json = readWebhookJson(verified.body);
  if (json instanceof Refusal) return json;
  if (isInGridSchema(json.value)) {
    const events = EventGridEvents.safeParse(json.value);
    if (!events.success) return malformedBy(events.error);
    return events.data.map(({ eventType, topic, data }) => ({ type: eventType, source: topic, data }));
  }
  const events = readCloudEvents(verified);
  return events instanceof Refusal
    ? events
    : events.map(({ type, source, data }) => ({ type, source, data }));
}

/** The Event Grid schema always comes as a list; of CloudEvents, only a batch does. */
function isInGridSchema(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === 'object' && first !== null && 'eventType' in first;
}

/** Resource ids of Azure have no case. */
function isOf({ resourceId }: AcrEventGridSettings, source: string): boolean {
  return resourceId === undefined || source.toLowerCase() === resourceId.toLowerCase();
}

function confirm({ data }: GridEvent): HandshakeAnswer | Refusal {
  const parsed = ValidationData.safeParse(data);
  if (!parsed.success) return malformedBy(parsed.error);
  return { answer: { body: { validationResponse: parsed.data.validationCode } } };
}

function hearAll(events: readonly GridEvent[], hearing: Hearing): HeardEvent[] | Refusal {
  const heard: HeardEvent[] = [];
  for (const { type, data } of events) {
    if (!images.includes(type)) continue;
    const some = hearAcrNotification(data, hearing);
    if (some instanceof Refusal) return some;
    heard.push(...some);
  }
  return heard;
}
