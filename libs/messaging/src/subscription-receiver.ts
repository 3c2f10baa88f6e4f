import { isServiceBusError, type ServiceBusReceivedMessage } from '@azure/service-bus';
import type { SubscriptionName } from '@pratique/contracts';
import { CurrentLink } from './current-link.js';
import { type Probe, judgeProbes } from './judge-probes.js';
import { keepLock } from './keep-lock.js';
import type { MessagingClients } from './messaging-clients.js';
import { pause } from './pause.js';
import { isSilence } from './publishing.js';
import { retryDelayMs } from './retry-delay.js';
import { SubscriptionLink } from './subscription-link.js';
import { SubscriptionProbe } from './subscription-probe.js';

export type RebuildReason = 'silent' | 'unreachable';

export interface SubscriptionReceiverOptions {
  subscription: SubscriptionName;
  /** Messages handed over at the same time. */
  capacity: number;
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

// A connection that a busy machine cannot make in the time would else be given up, and made anew, for ever.
const mostPatience = 4;

/**
 * Receives the messages of one subscription whatever becomes of links and connections, with the care that the SDK's
 * receiver needs when it connects, locks and settles.
 *
 * A message can be settled after its link, and even its connection, was replaced: the SDK then settles it by its lock
 * token over `$management`.
 */
export class SubscriptionReceiver {
  readonly #kept = new Set<() => void>();
  /** Ends our own waiting at once, and … */
  readonly #stopping = new AbortController();
  /** … the SDK's after the grace. */
  readonly #stopped = new AbortController();
  readonly #probe: SubscriptionProbe;
  readonly #current: CurrentLink;
  #running: Promise<void> | undefined;

  constructor(
    private readonly clients: MessagingClients,
    private readonly options: SubscriptionReceiverOptions,
  ) {
    const { retry, watchdog } = clients.settings;
    this.#probe = new SubscriptionProbe({ ...options, ...watchdog, stopped: this.#stopped.signal });
    this.#current = new CurrentLink(this.#newLink(), {
      timeoutMs: retry.timeoutMs,
      stopping: this.#stopping.signal,
    });
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
      await this.#current.get().stop();
    } finally {
      clearTimeout(grace);
    }
  }

  async close(): Promise<void> {
    for (const release of this.#kept) release();
    await this.#current.get().close();
  }

  /** Holds the message's lock until the returned function is called. */
  keepLock(message: ServiceBusReceivedMessage, onLost: (error: unknown) => void): () => void {
    const release = keepLock({
      lockedUntil: message.lockedUntilUtc ?? new Date(),
      renew: () => this.#current.ask((receiver) => receiver.renewMessageLock(message)),
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
    return this.#current.ask((receiver) => receiver.completeMessage(message));
  }

  abandon(message: ServiceBusReceivedMessage): Promise<void> {
    return this.#current.ask((receiver) => receiver.abandonMessage(message));
  }

  deadLetter(
    message: ServiceBusReceivedMessage,
    letter: { reason: string; description: string },
  ): Promise<void> {
    const options = { deadLetterReason: letter.reason, deadLetterErrorDescription: letter.description };
    return this.#current.ask((receiver) => receiver.deadLetterMessage(message, options));
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (await this.#connect()) {
      const link = this.#current.get();
      const reason = this.#subscribe(link) ? await this.#watch(link) : 'unreachable';
      if (reason === 'stopped') return;
      if (reason === 'reborn') {
        await this.#succeed(link);
        continue;
      }
      this.options.onRebuild?.(reason);
      this.#rebuild(reason);
    }
  }

  /** Whether it could; the SDK refuses when somebody has closed the connection since it was last used. */
  #subscribe(link: SubscriptionLink): boolean {
    try {
      link.subscribe();
      return true;
    } catch (error) {
      this.options.onError('receive', error);
      return false;
    }
  }

  #rebuild(reason: RebuildReason): void {
    const old = this.#current.get();
    if (reason === 'unreachable') {
      this.clients.replaceServiceBus(old.client);
      this.#current.set(this.#newLink(old.zero));
      old.abandon();
      return;
    }
    this.#current.set(this.#newLink(old.zero));
    // What the old link was given in the meantime is handled as ever.
    old
      .stop()
      .then(() => old.close())
      .catch((error: unknown) => this.options.onError('close', error));
  }

  /** Takes over from a link that the SDK has made again. While that one is open, nothing of before can be settled. */
  async #succeed(old: SubscriptionLink): Promise<void> {
    await old.close().catch((error: unknown) => this.options.onError('close', error));
    this.#current.set(this.#newLink(old.zero));
    old.abandon();
  }

  #newLink(zero?: SubscriptionLink['zero']): SubscriptionLink {
    return new SubscriptionLink(this.clients.serviceBus(), {
      ...this.options,
      zero,
      onMessage: (message) => this.#probe.track(message, () => this.options.onMessage(message)),
      stopped: this.#stopped.signal,
      replaced: this.clients.serviceBusReplaced,
    });
  }

  /**
   * Waits until the broker answers; false when it is told to stop before. The SDK must not be told to subscribe while the
   * broker is away: its subscription and its recovery of a lost connection then both try, and the one receiver ends up
   * with two links, twice the concurrency, and settlements that no longer find their link (7.9.5:
   * `StreamingReceiver.subscribe` does not set what `onDetached` looks at).
   */
  async #connect(): Promise<boolean> {
    const { retry, watchdog } = this.clients.settings;
    const backoff = { baseDelayMs: retry.delayMs, maxDelayMs: retry.maxDelayMs };
    for (let attempt = 1; !this.#isStopping(); attempt += 1) {
      const link = this.#current.get();
      const timeoutMs = watchdog.timeoutMs * Math.min(attempt, mostPatience);
      const { error } = await this.#probe.peek(link, 1, timeoutMs);
      if (this.#isStopping()) return false;
      if (error === undefined && !link.lost.aborted) return true;
      if (error !== undefined) this.options.onError('receive', error);
      if (isSilence(error) || link.lost.aborted) this.#rebuild('unreachable');
      await pause(retryDelayMs({ attempt, backoff, random: Math.random() }), this.#stopping.signal);
    }
    return false;
  }

  /** Looks at the subscription from time to time, until something is wrong with the link or the receiver stops. */
  async #watch(link: SubscriptionLink): Promise<RebuildReason | 'reborn' | 'stopped'> {
    const { everyMs } = this.clients.settings.watchdog;
    const interrupted = AbortSignal.any([this.#stopping.signal, link.reborn, link.lost]);
    let earlier: Probe | undefined;
    for (;;) {
      // After one that was not answered the next look follows at once.
      await pause(earlier?.answered === false ? 0 : everyMs, interrupted);
      if (interrupted.aborted) return this.#interruption(link);
      const now = await this.#probe.look(link);
      const verdict = judgeProbes(earlier, now);
      if (this.#isStopping()) return 'stopped';
      if (verdict !== 'well') return verdict;
      earlier = now;
    }
  }

  #interruption(link: SubscriptionLink): 'unreachable' | 'reborn' | 'stopped' {
    if (this.#isStopping()) return 'stopped';
    return link.lost.aborted ? 'unreachable' : 'reborn';
  }
}
