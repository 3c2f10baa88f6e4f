import type { EventHub } from '../engine/event-hub.js';
import { AmqpError } from './amqp-error.js';
import { decodeSimple, propertyValue } from './amqp-values.js';
import type { DeliveryHandler, IncomingDelivery } from './incoming-link.js';
import { inOrder } from './in-order.js';
import { type Interceptor, permits } from './interceptor.js';
import { entriesOf, fieldsOf, splitBatch, splitSections } from './message-sections.js';

interface Events {
  readonly encoded: Buffer[];
  readonly partitionKey: string | undefined;
}

/** What a client's producer on an event hub, or on one partition of it, does. */
export function eventSender(
  hub: EventHub,
  options: { readonly partition?: string; readonly interceptor: Interceptor | undefined },
): DeliveryHandler {
  const inTurn = inOrder();
  const { partition, interceptor } = options;
  return async (delivery) => {
    const events = readEvents(delivery);
    const apply = async (): Promise<'applied'> => {
      await hub.append({ partition, ...events });
      return 'applied';
    };
    const permitted = permits(interceptor, () => ({
      kind: 'event-hub-send',
      entity: hub.name,
      messageIds: events.encoded.flatMap(messageIdOf),
    }));
    if (permitted === true) return await apply();
    return await inTurn(async () => ((await permitted) ? await apply() : 'drop'));
  };
}

/** The partition key of a batch is an annotation of its envelope. */
function readEvents({ bytes, isBatch }: IncomingDelivery): Events {
  const parts = isBatch ? splitBatch(bytes) : [bytes];
  if (parts.length === 0) throw new AmqpError('com.microsoft:argument-error', 'The batch has no events.');
  const encoded = parts.map((part) => {
    splitSections(part);
    return Buffer.from(part);
  });
  return { encoded, partitionKey: partitionKeyOf(bytes) };
}

function partitionKeyOf(envelope: Buffer): string | undefined {
  const { messageAnnotations } = splitSections(envelope);
  const entry = entriesOf(messageAnnotations).find(({ key }) => key === 'x-opt-partition-key');
  const value = entry && decodeSimple(entry.value)?.value;
  return typeof value === 'string' ? value : undefined;
}

function messageIdOf(encoded: Buffer): string[] {
  const typed = fieldsOf(splitSections(encoded).properties)[0];
  const value = typed && propertyValue(typed);
  return value === undefined ? [] : [String(value)];
}
