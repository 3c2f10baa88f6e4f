import type { RegistryEvent, SubscriptionName } from '@pratique/contracts';
import { outcomesEventHub, registryEventsTopic } from '@pratique/contracts';
import { Work, type WorkDescription } from '@pratique/telemetry';
import type { CloudEvent } from './cloud-event-codec.js';
import type { Delivery } from './delivery.js';
import type { Destination } from './messaging-metrics.js';
import type { OutcomeBatch } from './outcome-batch.js';

// Names and attributes: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
const destinations = {
  'registry-events': { 'messaging.system': 'servicebus', 'messaging.destination.name': registryEventsTopic },
  outcomes: { 'messaging.system': 'eventhubs', 'messaging.destination.name': outcomesEventHub },
} as const;

const about = ({ id, type }: Pick<CloudEvent, 'id' | 'type'>) => ({
  'messaging.message.id': id,
  'cloudevents.event_id': id,
  'cloudevents.event_type': type,
});

/** What a handler does with an event, as a span and in the log. */
export function handlingOf(
  event: RegistryEvent,
  { messageId, attempt }: Pick<Delivery, 'messageId' | 'attempt'>,
  subscription: SubscriptionName,
): WorkDescription {
  return {
    name: `process ${registryEventsTopic}/${subscription}`,
    kind: 'consumer',
    parent: event.traceparent,
    attributes: {
      ...about(event),
      ...destinations['registry-events'],
      'messaging.operation.type': 'process',
      'messaging.destination.subscription.name': subscription,
      'messaging.message.id': messageId,
      'pratique.attempt': attempt,
    },
    log: { event: event.id, correlation: event.correlationid },
  };
}

/** Publishes each event in a span of its own. What is sent names that span, so that its readers continue from there. */
export async function publishInSpans<E extends CloudEvent>(
  destination: Destination,
  events: readonly E[],
  publish: (events: readonly E[]) => Promise<void>,
): Promise<void> {
  const works = events.map((event) =>
    Work.begin({
      name: `publish ${destination}`,
      kind: 'producer',
      parent: event.traceparent,
      attributes: { ...about(event), ...destinations[destination], 'messaging.operation.type': 'send' },
    }),
  );
  try {
    await publish(events.map((event, index) => ({ ...event, ...continuing(works[index]) })));
  } catch (error) {
    works.forEach((work) => work.fail(error));
    throw error;
  }
  works.forEach((work) => work.end());
}

/** Handles a batch in one span for each outcome: each belongs to another trace. */
export async function handleInSpans(
  { outcomes }: OutcomeBatch,
  consumerGroup: string,
  handle: () => Promise<void>,
): Promise<void> {
  const works = outcomes.map(({ outcome }) =>
    Work.begin({
      name: `process ${outcomesEventHub}/${consumerGroup}`,
      kind: 'consumer',
      parent: outcome.traceparent,
      attributes: {
        ...about(outcome),
        ...destinations.outcomes,
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': consumerGroup,
      },
    }),
  );
  try {
    await handle();
  } catch (error) {
    works.forEach((work) => work.fail(error));
    throw error;
  }
  works.forEach((work) => work.end());
}

function continuing(work: Work | undefined): { traceparent?: string } {
  const traceparent = work?.traceparent;
  return traceparent === undefined ? {} : { traceparent };
}
