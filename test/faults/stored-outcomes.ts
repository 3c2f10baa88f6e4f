import { setTimeout as pause } from 'node:timers/promises';
import { outcomeConsumerGroups } from '@pratique/contracts';
import { inMemoryCheckpointStore, type MessagingClients, OutcomeReader } from '@pratique/messaging';

/**
 * Reads the event hub from its beginning, until what was read is enough or that has taken too long.
 *
 * @returns the ids of its outcomes, each with the id of the event that led to it
 */
export async function readStoredOutcomes(
  clients: MessagingClients,
  { until, giveUpMs }: { until: (ids: ReadonlyMap<string, string | undefined>) => boolean; giveUpMs: number },
): Promise<Map<string, string | undefined>> {
  const stored = new Map<string, string | undefined>();
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const reader = new OutcomeReader(clients, {
    consumerGroup: outcomeConsumerGroups.audit,
    checkpoints: inMemoryCheckpointStore(),
    handle: (batch) => {
      for (const { outcome } of batch.outcomes) stored.set(outcome.id, outcome.causationid);
      if (until(stored)) resolve();
      return Promise.resolve();
    },
  });
  if (until(stored)) return stored;
  reader.start();
  await Promise.race([enough, pause(giveUpMs, undefined, { ref: false })]);
  await reader.close();
  return stored;
}
