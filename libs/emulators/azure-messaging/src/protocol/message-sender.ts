import type { IncomingMessage } from '../engine/message.js';
import type { Topic } from '../engine/topic.js';
import { AmqpError } from './amqp-error.js';
import type { DeliveryHandler, IncomingDelivery } from './incoming-link.js';
import { readIncomingMessage } from './incoming-message.js';
import { inOrder } from './in-order.js';
import { type Interceptor, permits } from './interceptor.js';
import { splitBatch } from './message-sections.js';

/** What a client's sender on a topic or queue does: every delivery is accepted whole or refused whole, in order. */
export function messageSender(topic: Topic, interceptor: Interceptor | undefined): DeliveryHandler {
  const inTurn = inOrder();
  return async (delivery) => {
    const messages = readMessages(delivery);
    const permitted = permits(interceptor, () => ({
      kind: 'send',
      entity: topic.name,
      messageIds: messages.map(({ description }) => description.messageId),
    }));
    if (permitted === true) {
      await topic.accept(messages);
      return 'applied';
    }
    return await inTurn(async () => {
      if (!(await permitted)) return 'drop';
      await topic.accept(messages);
      return 'applied';
    });
  };
}

function readMessages({ bytes, isBatch }: IncomingDelivery): IncomingMessage[] {
  const messages = (isBatch ? splitBatch(bytes) : [bytes]).map((encoded) => readIncomingMessage(encoded));
  if (messages.length === 0)
    throw new AmqpError('com.microsoft:argument-error', 'The batch has no messages.');
  return messages;
}
