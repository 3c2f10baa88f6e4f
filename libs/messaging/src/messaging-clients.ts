import {
  type CheckpointStore,
  EventHubConsumerClient,
  type EventHubConsumerClientOptions,
  EventHubProducerClient,
} from '@azure/event-hubs';
import { RetryMode, type RetryOptions, ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import { outcomesEventHub, registryEventsTopic } from '@pratique/contracts';
import { azureCredential } from '@pratique/azure-identity';
import { MessagingError } from './messaging-error.js';
import { MessagingMetrics } from './messaging-metrics.js';
import type { MessagingSettings } from './messaging.settings.js';
import { waitAtMost } from './pause.js';
import { RenewableClient } from './renewable-client.js';
import { TopicSender } from './topic-sender.js';

// A broker that has stopped to answer would hold the process for the SDKs' own minute.
const closeMs = 5_000;

/**
 * The clients of one process, each made when it is first needed and shared by everything: one AMQP connection to
 * Service Bus however many subscriptions are served, one to Event Hubs for all publishing, and one per reader.
 */
export class MessagingClients {
  readonly #serviceBus = new RenewableClient(() => this.#connectServiceBus());
  readonly #outcomesProducer = new RenewableClient(() => this.#connectProducer());
  /** One for everything that this process sends to the topic. */
  readonly topic = new TopicSender(this);
  #topicSender: { client: ServiceBusClient; sender: ServiceBusSender } | undefined;
  #closed = false;

  constructor(
    readonly settings: MessagingSettings,
    readonly metrics = new MessagingMetrics(),
  ) {}

  serviceBus(): ServiceBusClient {
    this.#assertOpen();
    return this.#serviceBus.get();
  }

  /** Aborts when the connection that {@link serviceBus} gives now is replaced. */
  get serviceBusReplaced(): AbortSignal {
    return this.#serviceBus.replaced;
  }

  /** Whoever asks from now on gets a new connection; what is in flight on the dead one fails. */
  replaceServiceBus(dead: ServiceBusClient): void {
    this.#serviceBus.replace(dead);
  }

  topicSender(): ServiceBusSender {
    const client = this.serviceBus();
    if (this.#topicSender?.client !== client) {
      this.#topicSender = { client, sender: client.createSender(registryEventsTopic) };
    }
    return this.#topicSender.sender;
  }

  outcomesProducer(): EventHubProducerClient {
    this.#assertOpen();
    return this.#outcomesProducer.get();
  }

  /** As {@link replaceServiceBus}. */
  replaceOutcomesProducer(dead: EventHubProducerClient): void {
    this.#outcomesProducer.replace(dead);
  }

  /** A consumer of its own for each caller, who closes it. */
  outcomesConsumer(
    group: string,
    store: CheckpointStore,
    options: EventHubConsumerClientOptions,
  ): EventHubConsumerClient {
    this.#assertOpen();
    const endpoint = this.settings.eventHubs;
    const all = { retryOptions: this.#retryOptions(), ...options };
    return 'connectionString' in endpoint
      ? new EventHubConsumerClient(group, endpoint.connectionString.reveal(), outcomesEventHub, store, all)
      : new EventHubConsumerClient(
          group,
          endpoint.namespace,
          outcomesEventHub,
          azureCredential(endpoint.identity),
          store,
          all,
        );
  }

  /** Closes every connection that was made here. What is in flight fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await waitAtMost(closeMs, Promise.all([this.#serviceBus.close(), this.#outcomesProducer.close()]));
  }

  #connectServiceBus(): ServiceBusClient {
    const endpoint = this.settings.serviceBus;
    const options = { retryOptions: this.#retryOptions() };
    return 'connectionString' in endpoint
      ? new ServiceBusClient(endpoint.connectionString.reveal(), options)
      : new ServiceBusClient(endpoint.namespace, azureCredential(endpoint.identity), options);
  }

  #connectProducer(): EventHubProducerClient {
    const endpoint = this.settings.eventHubs;
    const options = { retryOptions: this.#retryOptions() };
    return 'connectionString' in endpoint
      ? new EventHubProducerClient(endpoint.connectionString.reveal(), outcomesEventHub, options)
      : new EventHubProducerClient(
          endpoint.namespace,
          outcomesEventHub,
          azureCredential(endpoint.identity),
          options,
        );
  }

  #retryOptions(): RetryOptions {
    const { maxRetries, delayMs, maxDelayMs, timeoutMs } = this.settings.retry;
    return {
      maxRetries,
      mode: RetryMode.Exponential,
      retryDelayInMs: delayMs,
      maxRetryDelayInMs: maxDelayMs,
      timeoutInMs: timeoutMs,
    };
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw new MessagingError(
        'closed',
        'The connections to the broker are closed: the service is stopping.',
      );
    }
  }
}
