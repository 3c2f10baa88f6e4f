import { type Outcome, outcomeConsumerGroups } from '@pratique/contracts';
import { inMemoryCheckpointStore, type MessagingClients, OutcomeReader } from '@pratique/messaging';

/** What has been appended to the event hub, read with the real client. */
export interface OutcomeLog {
  /** Waits until there are so many, and returns all that there are, in the order in which they were read. */
  until(count: number): Promise<Outcome[]>;
  close(): Promise<void>;
}

export function readOutcomes(clients: MessagingClients): OutcomeLog {
  const outcomes: Outcome[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const reader = new OutcomeReader(clients, {
    consumerGroup: outcomeConsumerGroups.audit,
    checkpoints: inMemoryCheckpointStore(),
    handle: (batch) => {
      outcomes.push(...batch.outcomes.map(({ outcome }) => outcome));
      waiting = waiting.filter(({ count, resolve }) => {
        if (outcomes.length >= count) resolve();
        return outcomes.length < count;
      });
      return Promise.resolve();
    },
  });
  reader.start();
  return {
    async until(count) {
      if (outcomes.length < count)
        await new Promise<void>((resolve) => {
          waiting.push({ count, resolve });
        });
      return [...outcomes];
    },
    close: () => reader.close(),
  };
}
