import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { examplePush } from '../test/example-events.js';
import { encodeCloudEvent } from './cloud-event-codec.js';
import { attemptOf, originalIdOf, redeliveryOf } from './redelivery.js';

const at = new Date('2026-11-22T11:00:00.000Z');

function received(over: Partial<ServiceBusReceivedMessage> = {}): ServiceBusReceivedMessage {
  const { properties, ...message } = encodeCloudEvent(examplePush());
  return {
    ...message,
    deliveryCount: 0,
    applicationProperties: properties,
    ...over,
  } as ServiceBusReceivedMessage;
}

/** The copy, as the broker delivers it. */
function delivered(message: ServiceBusReceivedMessage): ServiceBusReceivedMessage {
  return received(redeliveryOf(message, { subscription: 'sync', at }));
}

describe('messaging/redelivery', () => {
  it('copies the body, the content type and every property, to one subscription at one time', () => {
    const message = received();
    expect(redeliveryOf(message, { subscription: 'sync', at })).toEqual({
      body: message.body as unknown,
      messageId: expect.stringMatching(/^[\w-]{43}$/),
      contentType: 'application/json',
      correlationId: message.correlationId,
      applicationProperties: {
        ...message.applicationProperties,
        pratique_redeliver_to: 'sync',
        pratique_redelivery: 1,
        pratique_attempts: 1,
        pratique_original_id: message.messageId,
      },
      scheduledEnqueueTimeUtc: at,
    });
  });

  it('counts attempts over copies and over deliveries of one message', () => {
    const first = received();
    expect(attemptOf(first)).toBe(1);
    expect(attemptOf(received({ deliveryCount: 2 }))).toBe(3);
    const copy = delivered(received({ deliveryCount: 2 }));
    expect(attemptOf(copy)).toBe(4);
    expect(attemptOf(delivered(copy))).toBe(5);
  });

  it('gives the copy of a message the same id however often the message is delivered', () => {
    const once = redeliveryOf(received(), { subscription: 'sync', at });
    const again = redeliveryOf(received({ deliveryCount: 3 }), { subscription: 'sync', at: new Date() });
    expect(again.messageId).toBe(once.messageId);
  });

  it('gives every copy of a chain, and every subscription, an id of its own, and keeps the original one', () => {
    const first = received();
    const second = delivered(first);
    const third = delivered(second);
    const other = redeliveryOf(first, { subscription: 'scan', at });
    const ids = [first, second, third, other].map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(4);
    expect([first, second, third].map(originalIdOf)).toEqual(Array(3).fill(first.messageId));
  });

  it.each([-5, 'many', 1e300, null, new Date()])(
    'counts %p, which somebody else wrote, as no attempt',
    (value) => {
      const applicationProperties = { pratique_attempts: value, pratique_redelivery: value };
      expect(attemptOf(received({ applicationProperties }))).toBe(1);
    },
  );
});
