import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { isBrokerError } from './dead-letter-queue.js';

// A dead-letter queue hands out its messages in order, so what stands before the wanted ones is locked and given back.
const maxTaken = 5_000;
const batchSize = 50;
// An answer takes as long as the network; after this there is nothing more to be had.
const waitMs = 2_000;

export interface Taking {
  /** Sequence numbers. Those that were taken are removed. */
  wanted: Set<string>;
  /** Settles the message, or leaves it to be given back by throwing. */
  settle: (message: ServiceBusReceivedMessage) => Promise<void>;
}

/**
 * Receives from a dead-letter queue until all that is wanted was found, and gives everything else back as it was.
 * Settles one message at a time: see separateDispositions for why.
 */
export async function takeDeadLetters(
  receiver: ServiceBusReceiver,
  { wanted, settle }: Taking,
): Promise<void> {
  const held = new Map<string, ServiceBusReceivedMessage>();
  try {
    for (let taken = 0; wanted.size > 0 && taken < maxTaken;) {
      const batch = await receiver.receiveMessages(batchSize, { maxWaitTimeInMs: waitMs });
      if (batch.length === 0) return;
      taken += batch.length;
      for (const message of batch) held.set(String(message.sequenceNumber), message);
      for (const message of batch) {
        const number = String(message.sequenceNumber);
        if (!wanted.delete(number)) continue;
        await settle(message);
        held.delete(number);
      }
    }
  } finally {
    for (const message of held.values()) await giveBack(receiver, message);
  }
}

// A lock that has run out has given the message back already.
async function giveBack(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
  try {
    await receiver.abandonMessage(message);
  } catch (error) {
    if (!isBrokerError(error)) throw error;
  }
}
