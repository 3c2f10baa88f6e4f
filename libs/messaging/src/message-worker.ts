import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { LoggerService } from '@nestjs/common';
import type { RegistryEvent, SubscriptionName } from '@pratique/contracts';
import { Work } from '@pratique/telemetry';
import { handlingOf } from './message-spans.js';
import { Cutoff } from './cutoff.js';
import type { Delivery } from './delivery.js';
import { MessageSettler } from './message-settler.js';
import type { MessagingClients } from './messaging-clients.js';
import type { SettledAs } from './messaging-metrics.js';
import type { OutcomePublisher } from './outcome.publisher.js';
import { waitAtMost } from './pause.js';
import { shareOf } from './messaging.settings.js';
import { type Reading, readRegistryEvent } from './read-event.js';
import { attemptOf } from './redelivery.js';
import type { WhatHappened } from './settle.js';
import { Slots } from './slots.js';
import type { SubscriptionReceiver } from './subscription-receiver.js';
import { whatFailureMeans } from './what-happened.js';

export interface MessageWorkerOptions {
  subscription: SubscriptionName;
  clients: MessagingClients;
  outcomes: Pick<OutcomePublisher, 'publish'>;
  logger: LoggerService;
  handle: (event: RegistryEvent, delivery: Delivery) => Promise<void>;
  connect: (onMessage: (message: ServiceBusReceivedMessage) => Promise<void>) => SubscriptionReceiver;
}

// What remains after the shutdown deadline for giving messages back, and then for closing the link. Without a bound a
// broker that has stopped to answer holds the process for the SDK's own minute.
const farewellMs = 2_000;

/** Takes the messages of one subscription from receipt to settlement. */
export class MessageWorker {
  readonly #receiver: SubscriptionReceiver;
  readonly #shutdown = new AbortController();
  /** Stops waiting for handlers that did not stop. */
  readonly #deadline = new Cutoff();
  /** One for each handler that runs. Not one for all: it would keep whatever each handler ever attached to it. */
  readonly #interrupts = new Set<AbortController>();
  readonly #running = new Set<Promise<void>>();
  readonly #slots: Slots;
  readonly #settler: MessageSettler;
  /** Once the worker is closed: settled when the broker sends no more. */
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: MessageWorkerOptions) {
    this.#slots = new Slots(shareOf(options.clients.settings, options.subscription).concurrency);
    this.#receiver = options.connect((message) => this.#track(this.#take(message)));
    this.#settler = new MessageSettler({
      ...options,
      receiver: this.#receiver,
      signal: this.#shutdown.signal,
      drained: () => this.#stopped ?? Promise.resolve(),
    });
  }

  start(): void {
    this.#receiver.start();
  }

  async close(): Promise<void> {
    this.#stopped = this.#receiver.stop();
    const reason = new Error('the service is shutting down');
    this.#shutdown.abort(reason);
    for (const interrupt of this.#interrupts) interrupt.abort(reason);
    const { shutdownDeadlineMs } = this.options.clients.settings;
    const deadline = setTimeout(() => this.#deadline.cut(), shutdownDeadlineMs);
    try {
      await waitAtMost(shutdownDeadlineMs + farewellMs, this.#finish());
    } finally {
      clearTimeout(deadline);
      await waitAtMost(farewellMs, this.#receiver.close());
    }
  }

  async #finish(): Promise<void> {
    await this.#stopped;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    await work.finally(() => this.#running.delete(work));
  }

  async #take(message: ServiceBusReceivedMessage): Promise<void> {
    const interrupt = new AbortController();
    const release = this.#receiver.keepLock(message, (error) => interrupt.abort(error));
    this.#interrupts.add(interrupt);
    const reading = read(message);
    const settled = this.#count(message, reading);
    try {
      const what = await this.#handle(message, reading, interrupt.signal);
      settled(await this.#settler.settle(what, { message, event: reading.ok ? reading.event : undefined }));
    } finally {
      this.#interrupts.delete(interrupt);
      release();
    }
  }

  async #handle(
    message: ServiceBusReceivedMessage,
    reading: Reading<RegistryEvent>,
    signal: AbortSignal,
  ): Promise<WhatHappened> {
    if (this.#shutdown.signal.aborted) return { kind: 'shutting-down' };
    if (!reading.ok) return { kind: 'contract-violation', why: reading.why };
    const attempt = attemptOf(message);
    const handled = this.#inTurn(reading.event, {
      messageId: String(message.messageId),
      attempt,
      lastAttempt: attempt >= this.options.clients.settings.redelivery.maxAttempts,
      signal,
    }).then(
      (): WhatHappened => ({ kind: 'done' }),
      (error: unknown) => this.#explain(error, signal, message),
    );
    const ended = await this.#deadline.before(handled);
    return ended?.value ?? { kind: 'shutting-down' };
  }

  /**
   * What was prefetched waits for a handler that ends, and so does what a new link brings while the handlers of the old one
   * work: their locks are kept. When the service stops, they do not wait for the others' deadline.
   */
  async #inTurn(event: RegistryEvent, delivery: Delivery): Promise<void> {
    await this.#slots.enter(delivery.signal);
    const { clients, subscription } = this.options;
    const ended = clients.metrics.handling(subscription, event.type);
    try {
      delivery.signal.throwIfAborted();
      await Work.do(handlingOf(event, delivery, subscription), () => this.options.handle(event, delivery));
    } finally {
      ended();
      this.#slots.leave();
    }
  }

  #count(message: ServiceBusReceivedMessage, reading: Reading<RegistryEvent>): (as: SettledAs) => void {
    const type = reading.ok ? reading.event.type : 'unreadable';
    const { clients, subscription } = this.options;
    return clients.metrics.received(subscription, { type, enqueuedAt: message.enqueuedTimeUtc });
  }

  #explain(error: unknown, signal: AbortSignal, message: ServiceBusReceivedMessage): WhatHappened {
    const what = whatFailureMeans(error, signal.aborted);
    if (what.kind === 'bug') {
      // The only place that has the stack: the message's later fate is told without it.
      this.options.logger.error({ msg: 'A handler failed', messageId: message.messageId, err: error });
    }
    return what;
  }
}

function read(message: ServiceBusReceivedMessage): Reading<RegistryEvent> {
  return readRegistryEvent({
    body: message.body as unknown,
    contentType: message.contentType,
    properties: message.applicationProperties ?? {},
  });
}
