import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { outcomeConsumerGroups } from '@pratique/contracts';
import { MessagingClients, OutcomeReader } from '@pratique/messaging';
import { PositionStore } from './position-store.js';
import { RecordEntry } from './record-entry.js';

// Written with one statement; a few hundred rows cost little more than one.
const maxBatchSize = 500;

// After a crash nothing is recorded until the dead process's claim on the partitions has run out.
const takeOver = { checkEveryMs: 1_000, afterMs: 5_000 };

/** Reads every outcome from the event hub, from where the database says that this was left off. */
@Injectable()
export class OutcomeConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly reader: OutcomeReader;

  constructor(clients: MessagingClients, record: RecordEntry, positions: PositionStore) {
    this.reader = new OutcomeReader(clients, {
      consumerGroup: outcomeConsumerGroups.audit,
      checkpoints: positions,
      handle: (batch) => record.outcomes(batch),
      maxBatchSize,
      takeOver,
    });
  }

  onApplicationBootstrap(): void {
    this.reader.start();
  }

  // The database and the clients are closed in the step after this one.
  async beforeApplicationShutdown(): Promise<void> {
    await this.reader.close();
  }
}
