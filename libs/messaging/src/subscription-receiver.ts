import {
  isServiceBusError,
  type MessageHandlers,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { registryEventsTopic, type SubscriptionName } from '@pratique/contracts';
import { keepLock } from './keep-lock.js';
import type { MessagingClients } from './messaging-clients.js';
import { pause } from './pause.js';
import { retryDelayMs } from './retry-delay.js';
import { SettlementGate } from './settlement-gate.js';

export interface SubscriptionReceiverOptions {
  subscription: SubscriptionName;
  /** Messages handed over at the same time. */
  concurrency: number;
  /** Must settle the message before it resolves, and must not reject. */
  onMessage: (message: ServiceBusReceivedMessage) => Promise<void>;
  /** The link is up, at first and after every reconnection. */
  onConnected: () => void;
  /** Something failed that is tried again: `receive`, `renewLock` … */
  onError: (operation: string, error: unknown) => void;
}

// The SDK's receiver calls this before it asks for messages; its published type leaves it out.
type StartedHandlers = MessageHandlers & { postInitialize: () => Promise<void> };

// Aborting the SDK while it connects leaves a half-open connection behind, whose timers keep the process alive for two
// minutes. A connection that works is made well within this time; only waiting for a broker that is away is cut short.
const connectGraceMs = 1_000;

/** The SDK's receiver of one subscription, with the care that it needs when it connects, locks and settles. */
export class SubscriptionReceiver {
  readonly #receiver: ServiceBusReceiver;
  readonly #gate = new SettlementGate();
  readonly #kept = new Set<() => void>();
  /** Ends our own waiting at once, and … */
  readonly #stopping = new AbortController();
  /** … the SDK's after the grace. */
  readonly #stopped = new AbortController();
  #subscription: Promise<{ close(): Promise<void> } | undefined> | undefined;

  constructor(
    private readonly clients: MessagingClients,
    private readonly options: SubscriptionReceiverOptions,
  ) {
    this.#receiver = clients.serviceBus().createReceiver(registryEventsTopic, options.subscription, {
      receiveMode: 'peekLock',
      // Locks are renewed by keepLock.
      maxAutoLockRenewalDurationInMs: 0,
      // The contract decides what the bytes are, and a copy must carry the very same bytes.
      skipParsingBodyAsJson: true,
    });
  }

  /** Receives as soon as the broker is there, and again after every loss of the connection. */
  start(): void {
    this.#subscription = this.#untilReachable().then((reachable) =>
      reachable ? this.#subscribe() : undefined,
    );
  }

  /** Asks for no more messages. Those that are being handled can still be settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const grace = setTimeout(() => this.#stopped.abort(), connectGraceMs);
    try {
      await (await this.#subscription)?.close();
    } finally {
      clearTimeout(grace);
    }
  }

  async close(): Promise<void> {
    for (const release of this.#kept) release();
    await this.#receiver.close();
  }

  /** Holds the message's lock until the returned function is called. */
  keepLock(message: ServiceBusReceivedMessage, onLost: (error: unknown) => void): () => void {
    const release = keepLock({
      lockedUntil: message.lockedUntilUtc ?? new Date(),
      renew: () => this.#receiver.renewMessageLock(message),
      isLost: (error) => isServiceBusError(error) && error.code === 'MessageLockLost',
      onLost,
    });
    this.#kept.add(release);
    return () => {
      this.#kept.delete(release);
      release();
    };
  }

  /**
   * The SDK must not be told to subscribe while the broker is away: its subscription and its recovery of a lost
   * connection then both try, and the one receiver ends up with two links, twice the concurrency, and settlements
   * that no longer find their link (7.9.5: `StreamingReceiver.subscribe` does not set what `onDetached` looks at).
   */
  async #untilReachable(): Promise<boolean> {
    const { delayMs: baseDelayMs, maxDelayMs } = this.clients.settings.retry;
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      try {
        await this.#receiver.peekMessages(1, { abortSignal: this.#stopped.signal });
        return !this.#stopping.signal.aborted;
      } catch (error) {
        this.options.onError('receive', error);
        const backoff = { baseDelayMs, maxDelayMs };
        await pause(retryDelayMs({ attempt, backoff, random: Math.random() }), this.#stopping.signal);
      }
    }
    return false;
  }

  #subscribe(): { close(): Promise<void> } {
    const handlers: StartedHandlers = {
      processMessage: this.options.onMessage,
      processError: ({ errorSource, error }) => {
        this.options.onError(errorSource, error);
        return Promise.resolve();
      },
      postInitialize: () => {
        this.options.onConnected();
        return Promise.resolve();
      },
    };
    return this.#receiver.subscribe(handlers, {
      autoCompleteMessages: false,
      maxConcurrentCalls: this.options.concurrency,
      abortSignal: this.#stopped.signal,
    });
  }

  complete(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#gate.pass('complete', () => this.#receiver.completeMessage(message));
  }

  abandon(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#gate.pass('abandon', () => this.#receiver.abandonMessage(message));
  }

  deadLetter(
    message: ServiceBusReceivedMessage,
    letter: { reason: string; description: string },
  ): Promise<void> {
    return this.#gate.pass('dead-letter', () =>
      this.#receiver.deadLetterMessage(message, {
        deadLetterReason: letter.reason,
        deadLetterErrorDescription: letter.description,
      }),
    );
  }
}
