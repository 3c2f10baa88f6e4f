import type { RegistryEvent } from '@pratique/contracts';
import type { RegistryEventPublisher } from '@pratique/messaging';

// An event is at most some 3 KB on the wire, and a batch on Service Bus Standard 256 KB.
const batchSize = 64;

/**
 * Publishes events, and gives up when the sender would not wait for the answer any longer. If the broker takes them after
 * all, their ids make the next try a double, which it drops.
 *
 * @throws what the publisher throws, or an Error when time is up
 */
export async function publishWithin(
  publisher: Pick<RegistryEventPublisher, 'publish'>,
  events: readonly RegistryEvent[],
  patienceMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the broker did not answer within ${patienceMs} ms`)),
      patienceMs,
    );
  });
  const publishing = publishInBatches(publisher, events);
  try {
    await Promise.race([publishing, timeUp]);
  } finally {
    clearTimeout(timer);
    // Nobody listens to a failure that comes too late.
    publishing.catch(() => undefined);
  }
}

async function publishInBatches(
  publisher: Pick<RegistryEventPublisher, 'publish'>,
  events: readonly RegistryEvent[],
): Promise<void> {
  for (let start = 0; start < events.length; start += batchSize) {
    await publisher.publish(events.slice(start, start + batchSize));
  }
}
