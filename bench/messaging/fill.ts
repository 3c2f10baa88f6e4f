import type { RegistryEvent } from '@pratique/contracts';
import { connectBare, toMessage } from './bare-sdk.js';
import type { Broker } from './broker.js';

const inBatch = 100;

/** Puts events into the subscription before anything is measured. */
export async function fill(broker: Broker, events: readonly RegistryEvent[]): Promise<void> {
  const client = connectBare(broker.connectionString);
  const sender = client.createSender('registry-events');
  for (let from = 0; from < events.length; from += inBatch) {
    await sender.sendMessages(events.slice(from, from + inBatch).map(toMessage));
  }
  await client.close();
}
