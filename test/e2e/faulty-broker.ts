import {
  type AzureMessagingEmulator,
  type EmulatorDecision,
  type EmulatorMoment,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';

// How long a killed worker's messages wait for another; a minute in Azure.
const lockDurationMs = 2_000;

interface Cut {
  matches: (moment: EmulatorMoment) => boolean;
  happened: () => void;
}

/** The local broker, at which a test can cut a service off just before something reaches it. */
export class FaultyBroker {
  readonly #cuts: Cut[] = [];
  #emulator: AzureMessagingEmulator | undefined;

  static async start(): Promise<FaultyBroker> {
    const broker = new FaultyBroker();
    const { topics, eventHubs } = messagingTopology();
    broker.#emulator = await startAzureMessagingEmulator({
      port: 0,
      storage: 'memory',
      eventHubs,
      topics: topics.map((topic) => ({
        ...topic,
        subscriptions: topic.subscriptions.map((subscription) => ({ ...subscription, lockDurationMs })),
      })),
      intercept: (moment) => broker.#decide(moment),
    });
    return broker;
  }

  get connectionString(): string {
    return this.#emulator?.connectionString ?? '';
  }

  /** Messages that a subscription still has to deliver or to hear about. */
  pending(subscription: string): number {
    const stats = this.#emulator?.subscriptionStats('registry-events', subscription);
    return (stats?.active ?? 0) + (stats?.locked ?? 0) + (stats?.scheduled ?? 0);
  }

  /** The next such thing never reaches the broker, and nobody is told; resolves when it was due. */
  cut(matches: (moment: EmulatorMoment) => boolean): Promise<void> {
    return new Promise((happened) => this.#cuts.push({ matches, happened }));
  }

  async close(): Promise<void> {
    await this.#emulator?.close();
  }

  #decide(moment: EmulatorMoment): EmulatorDecision {
    const index = this.#cuts.findIndex(({ matches }) => matches(moment));
    if (index < 0) return 'proceed';
    const [cut] = this.#cuts.splice(index, 1);
    cut?.happened();
    return 'drop';
  }
}
