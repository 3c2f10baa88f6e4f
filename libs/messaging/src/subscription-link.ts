import type {
  MessageHandlers,
  PeekMessagesOptions,
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import { registryEventsTopic, type SubscriptionName } from '@pratique/contracts';
import { Cutoff } from './cutoff.js';
import { waitAtMost } from './pause.js';
import { separateDispositions } from './separate-dispositions.js';

type SequenceNumber = NonNullable<PeekMessagesOptions['fromSequenceNumber']>;

export interface SubscriptionLinkOptions {
  subscription: SubscriptionName;
  /** Messages that the broker may have handed over and not seen settled. */
  capacity: number;
  onMessage: (message: ServiceBusReceivedMessage) => Promise<void>;
  /** The link is up. */
  onConnected: () => void;
  onError: (operation: string, error: unknown) => void;
  /** Cuts the SDK's own waiting short. */
  stopped: AbortSignal;
  /** Aborts when somebody else has found the connection dead and replaced it. */
  replaced: AbortSignal;
  /** The `zero` of a link before. */
  zero?: SequenceNumber | undefined;
}

// The SDK's receiver calls this before it asks for messages; its published type leaves it out.
type StartedHandlers = MessageHandlers & { postInitialize: () => Promise<void> };

// The same: the broker need not send what nobody looks at.
type PeekOptions = PeekMessagesOptions & { omitMessageBody: boolean };

// A link that the broker does not detach in this time is left behind.
const closeMs = 2_000;

/** One receiver of the SDK on one connection. */
export class SubscriptionLink {
  readonly #receiver: ServiceBusReceiver;
  /** From when on nothing is answered any more that was asked over this link. */
  readonly #death = new Cutoff();
  readonly #lost = new AbortController();
  readonly #abandoned = new AbortController();
  #subscription: { close(): Promise<void> } | undefined;
  readonly #reborn = new AbortController();
  #incarnation = 0;
  #zero: SequenceNumber | undefined;

  constructor(
    readonly client: ServiceBusClient,
    private readonly options: SubscriptionLinkOptions,
  ) {
    this.#zero = options.zero;
    options.replaced.addEventListener('abort', () => this.#lose(), {
      once: true,
      signal: this.#abandoned.signal,
    });
    this.#receiver = client.createReceiver(registryEventsTopic, options.subscription, {
      receiveMode: 'peekLock',
      // Locks are renewed by keepLock.
      maxAutoLockRenewalDurationInMs: 0,
      // The contract decides what the bytes are, and a copy must carry the very same bytes.
      skipParsingBodyAsJson: true,
    });
  }

  /** Aborts when the SDK has made the link again: it must be replaced then. */
  get reborn(): AbortSignal {
    return this.#reborn.signal;
  }

  /** Aborts when the broker did not answer over this link, or its connection was replaced: so must be the link. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * The sequence number before all others. The SDK does not export its type, so the first number that was seen gives it:
   * until then there is none, and looks begin with the first message by themselves.
   */
  get zero(): SequenceNumber | undefined {
    return this.#zero;
  }

  /** The oldest messages of the subscription, locked ones too. It needs the Listen right only. */
  async peek(count: number): Promise<ServiceBusReceivedMessage[]> {
    const options: PeekOptions = { omitMessageBody: true, abortSignal: this.options.stopped };
    // Without a number the SDK goes on from where the last look, over whichever link of the client, has ended.
    if (this.#zero !== undefined) options.fromSequenceNumber = this.#zero;
    const messages = await this.#receiver.peekMessages(count, options);
    const seen = messages[0]?.sequenceNumber;
    this.#zero ??= seen?.subtract(seen);
    return messages;
  }

  /**
   * What the broker answers; nothing when it does not answer in time, or the link is found dead meanwhile. The SDK waits much
   * longer: a minute for each try at what goes over `$management`, whatever its settings say, and it does not notice there
   * that the connection is gone (7.9.5: `updateDispositionStatus` and `renewLock` pass no time limit on).
   */
  async ask<T>(
    operation: (receiver: ServiceBusReceiver) => Promise<T>,
    withinMs: number,
  ): Promise<{ value: T } | undefined> {
    const timer = setTimeout(() => this.#lose(), withinMs);
    try {
      return await this.#death.before(operation(this.#receiver));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks for messages, until the connection is lost. */
  subscribe(): void {
    const handlers: StartedHandlers = {
      processMessage: (message) => {
        separateDispositions(message);
        return this.options.onMessage(message);
      },
      processError: ({ errorSource, error }) => {
        this.options.onError(errorSource, error);
        return Promise.resolve();
      },
      postInitialize: () => this.#onConnected(),
    };
    this.#subscription = this.#receiver.subscribe(handlers, {
      autoCompleteMessages: false,
      maxConcurrentCalls: this.options.capacity,
      abortSignal: AbortSignal.any([this.options.stopped, this.#abandoned.signal]),
    });
  }

  /**
   * Lets go of a link that is not answered any more. Closing it takes the SDK a minute and may never end (7.9.5 waits for
   * a drain, and rhea-promise for a detach that a lost connection does not bring); the signal keeps it from coming
   * back.
   */
  abandon(): void {
    this.#lose();
    this.#abandoned.abort();
  }

  /** Asks for no more messages. Those that are being handled can still be settled. */
  async stop(): Promise<void> {
    await waitAtMost(closeMs, Promise.resolve(this.#subscription?.close()));
  }

  async close(): Promise<void> {
    await waitAtMost(closeMs, this.#receiver.close());
  }

  #lose(): void {
    this.#lost.abort();
    this.#death.cut();
  }

  /**
   * Called before the SDK asks for messages. The second time, the connection was lost and the SDK has made the link again,
   * which it does only half: messages of before are settled into the void, though the broker would take it (7.9.5:
   * `settleMessageOperation` finds the receiver under its old name, open again), and their end adds to what the new
   * link may hold. So the SDK gets no further here, and another link takes over.
   */
  #onConnected(): Promise<void> {
    this.#incarnation += 1;
    if (this.#incarnation > 1) {
      this.#reborn.abort();
      return new Promise(() => undefined);
    }
    this.options.onConnected();
    return Promise.resolve();
  }
}
