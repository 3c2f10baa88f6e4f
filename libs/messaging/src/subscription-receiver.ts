import {
  isServiceBusError,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import type { SubscriptionName } from '@pratique/contracts';
import { type Probe, judgeProbes } from './judge-probes.js';
import { keepLock } from './keep-lock.js';
import type { MessagingClients } from './messaging-clients.js';
import { noAnswer } from './over-one-connection.js';
import { answerWithin, pause, waitAtMost } from './pause.js';
import { isSilence } from './publishing.js';
import { retryDelayMs } from './retry-delay.js';
import { type Settlement, SettlementGate } from './settlement-gate.js';
import { SubscriptionLink } from './subscription-link.js';

export type RebuildReason = 'silent' | 'unreachable';

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
  /** The watchdog gives the link, or the whole connection, up for a new one. */
  onRebuild?: (reason: RebuildReason) => void;
}

// Aborting the SDK while it connects leaves a half-open connection behind, whose timers keep the process alive for two
// minutes. A connection that works is made well within this time; only waiting for a broker that is away is cut short.
const connectGraceMs = 1_000;

// A link that the broker does not detach in this time is left behind.
const closeMs = 2_000;

// One look must show more than what this receiver itself is working on; a header and properties are about 1 KiB each.
const mostPeeked = 250;

/**
 * Receives the messages of one subscription whatever becomes of links and connections, with the care that the SDK's
 * receiver needs when it connects, locks and settles.
 *
 * A message can be settled after its link, and even its connection, was replaced: the SDK then settles it by its lock
 * token over `$management`.
 */
export class SubscriptionReceiver {
  readonly #gate = new SettlementGate();
  readonly #kept = new Set<() => void>();
  /** Ends our own waiting at once, and … */
  readonly #stopping = new AbortController();
  /** … the SDK's after the grace. */
  readonly #stopped = new AbortController();
  /** Sequence numbers of the messages that are being handled. */
  readonly #inFlight = new Set<string>();
  #received = 0;
  #link: SubscriptionLink;
  #running: Promise<void> | undefined;

  constructor(
    private readonly clients: MessagingClients,
    private readonly options: SubscriptionReceiverOptions,
  ) {
    this.#link = this.#newLink();
  }

  /** Receives as soon as the broker is there, and again after every loss of the connection. */
  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.options.onError('receive', error));
  }

  /** Asks for no more messages. Those that are being handled can still be settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const grace = setTimeout(() => this.#stopped.abort(), connectGraceMs);
    try {
      await this.#running;
      await this.#link.stop();
    } finally {
      clearTimeout(grace);
    }
  }

  async close(): Promise<void> {
    for (const release of this.#kept) release();
    await this.#link.close();
  }

  /** Holds the message's lock until the returned function is called. */
  keepLock(message: ServiceBusReceivedMessage, onLost: (error: unknown) => void): () => void {
    const release = keepLock({
      lockedUntil: message.lockedUntilUtc ?? new Date(),
      renew: () => this.#onLink((receiver) => receiver.renewMessageLock(message)),
      isLost: (error) => isServiceBusError(error) && error.code === 'MessageLockLost',
      onLost,
    });
    this.#kept.add(release);
    return () => {
      this.#kept.delete(release);
      release();
    };
  }

  complete(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#settle('complete', (receiver) => receiver.completeMessage(message));
  }

  abandon(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#settle('abandon', (receiver) => receiver.abandonMessage(message));
  }

  deadLetter(
    message: ServiceBusReceivedMessage,
    letter: { reason: string; description: string },
  ): Promise<void> {
    const options = { deadLetterReason: letter.reason, deadLetterErrorDescription: letter.description };
    return this.#settle('dead-letter', (receiver) => receiver.deadLetterMessage(message, options));
  }

  #settle(settlement: Settlement, operation: (receiver: ServiceBusReceiver) => Promise<void>): Promise<void> {
    return this.#gate.pass(settlement, () => this.#onLink(operation));
  }

  /** Asks over the link that there is, and over the next when that one turns out to be dead. */
  async #onLink<T>(operation: (receiver: ServiceBusReceiver) => Promise<T>): Promise<T> {
    for (;;) {
      const { receiver, death } = this.#link;
      const answer = await death.before(operation(receiver));
      if (answer !== undefined) return answer.value;
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (await this.#connect()) {
      this.#link.subscribe();
      const reason = await this.#watch(this.#link);
      if (reason === 'stopped') return;
      if (reason === 'reborn') {
        await this.#succeed(this.#link);
        continue;
      }
      this.options.onRebuild?.(reason);
      this.#rebuild(reason);
    }
  }

  #rebuild(reason: RebuildReason): void {
    const old = this.#link;
    if (reason === 'unreachable') {
      this.clients.replaceServiceBus(old.client);
      this.#link = this.#newLink(old.zero);
      old.abandon();
      return;
    }
    this.#link = this.#newLink(old.zero);
    // What the old link was given in the meantime is handled as ever.
    old
      .stop()
      .then(() => old.close())
      .catch((error: unknown) => this.options.onError('close', error));
  }

  /** Takes over from a link that the SDK has made again. While that one is open, nothing of before can be settled. */
  async #succeed(old: SubscriptionLink): Promise<void> {
    const closed = old.close().catch((error: unknown) => this.options.onError('close', error));
    await waitAtMost(closeMs, closed);
    this.#link = this.#newLink(old.zero);
    old.abandon();
  }

  #newLink(zero?: SubscriptionLink['zero']): SubscriptionLink {
    return new SubscriptionLink(this.clients.serviceBus(), {
      ...this.options,
      zero,
      onMessage: (message) => this.#track(message),
      stopped: this.#stopped.signal,
    });
  }

  async #track(message: ServiceBusReceivedMessage): Promise<void> {
    const sequenceNumber = String(message.sequenceNumber);
    this.#received += 1;
    this.#inFlight.add(sequenceNumber);
    await this.options.onMessage(message).finally(() => this.#inFlight.delete(sequenceNumber));
  }

  /**
   * Waits until the broker answers; false when it is told to stop before. The SDK must not be told to subscribe while the
   * broker is away: its subscription and its recovery of a lost connection then both try, and the one receiver ends up
   * with two links, twice the concurrency, and settlements that no longer find their link (7.9.5:
   * `StreamingReceiver.subscribe` does not set what `onDetached` looks at).
   */
  async #connect(): Promise<boolean> {
    const { delayMs: baseDelayMs, maxDelayMs } = this.clients.settings.retry;
    const backoff = { baseDelayMs, maxDelayMs };
    for (let attempt = 1; !this.#isStopping(); attempt += 1) {
      const { error } = await this.#peek(this.#link, 1);
      if (error === undefined) return !this.#isStopping();
      if (this.#isStopping()) return false;
      this.options.onError('receive', error);
      if (isSilence(error) || this.#link.client !== this.clients.serviceBus()) this.#rebuild('unreachable');
      await pause(retryDelayMs({ attempt, backoff, random: Math.random() }), this.#stopping.signal);
    }
    return false;
  }

  /** Looks at the subscription from time to time, until something is wrong with the link or the receiver stops. */
  async #watch(link: SubscriptionLink): Promise<RebuildReason | 'reborn' | 'stopped'> {
    const { everyMs } = this.clients.settings.watchdog;
    const interrupted = AbortSignal.any([this.#stopping.signal, link.reborn]);
    let earlier: Probe | undefined;
    for (;;) {
      // After one that was not answered the next look follows at once.
      await pause(earlier?.answered === false ? 0 : everyMs, interrupted);
      if (this.#isStopping()) return 'stopped';
      if (link.reborn.aborted) return 'reborn';
      const now = await this.#probe(link);
      const verdict = judgeProbes(earlier, now);
      if (this.#isStopping()) return 'stopped';
      if (verdict !== 'well') return verdict;
      earlier = now;
    }
  }

  async #probe(link: SubscriptionLink): Promise<Probe> {
    const mine = new Set(this.#inFlight);
    const { messages = [], error } = await this.#peek(link, Math.min(mine.size + 1, mostPeeked));
    return {
      answered: error === undefined,
      received: this.#received,
      hasRoom: this.#inFlight.size < this.options.concurrency,
      waiting: messages
        .filter(({ state }) => state === 'active')
        .map(({ sequenceNumber }) => String(sequenceNumber))
        .filter((number) => !mine.has(number) && !this.#inFlight.has(number)),
    };
  }

  async #peek(
    link: SubscriptionLink,
    count: number,
  ): Promise<{ messages?: ServiceBusReceivedMessage[]; error?: unknown }> {
    const { timeoutMs } = this.clients.settings.watchdog;
    const answer = link.peek(count).then(
      (messages) => ({ messages }),
      (error: unknown) => ({ error }),
    );
    return (await answerWithin(timeoutMs, answer, this.#stopped.signal)) ?? { error: noAnswer(timeoutMs) };
  }
}
