import type {
  MessageHandlers,
  PeekMessagesOptions,
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import { registryEventsTopic, type SubscriptionName } from '@pratique/contracts';
import { Cutoff } from './cutoff.js';

type SequenceNumber = NonNullable<PeekMessagesOptions['fromSequenceNumber']>;

export interface SubscriptionLinkOptions {
  subscription: SubscriptionName;
  /** Messages that the broker may have handed over and not seen settled. */
  concurrency: number;
  onMessage: (message: ServiceBusReceivedMessage) => Promise<void>;
  /** The link is up. */
  onConnected: () => void;
  onError: (operation: string, error: unknown) => void;
  /** Cuts the SDK's own waiting short. */
  stopped: AbortSignal;
  /** The `zero` of a link before. */
  zero?: SequenceNumber | undefined;
}

// The SDK's receiver calls this before it asks for messages; its published type leaves it out.
type StartedHandlers = MessageHandlers & { postInitialize: () => Promise<void> };

// The same: the broker need not send what nobody looks at.
type PeekOptions = PeekMessagesOptions & { omitMessageBody: boolean };

/** One receiver of the SDK on one connection. */
export class SubscriptionLink {
  readonly receiver: ServiceBusReceiver;
  /** From when on nothing is answered any more that was asked over this link. */
  readonly death = new Cutoff();
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
    this.receiver = client.createReceiver(registryEventsTopic, options.subscription, {
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
    const messages = await this.receiver.peekMessages(count, options);
    const seen = messages[0]?.sequenceNumber;
    this.#zero ??= seen?.subtract(seen);
    return messages;
  }

  /** Asks for messages, until the connection is lost. */
  subscribe(): void {
    const handlers: StartedHandlers = {
      processMessage: (message) => this.options.onMessage(message),
      processError: ({ errorSource, error }) => {
        this.options.onError(errorSource, error);
        return Promise.resolve();
      },
      postInitialize: () => this.#onConnected(),
    };
    this.#subscription = this.receiver.subscribe(handlers, {
      autoCompleteMessages: false,
      maxConcurrentCalls: this.options.concurrency,
      abortSignal: AbortSignal.any([this.options.stopped, this.#abandoned.signal]),
    });
  }

  /**
   * Lets go of a link that is not answered any more. Closing it takes the SDK a minute and may never end (7.9.5 waits for
   * a drain, and rhea-promise for a detach that a lost connection does not bring); the signal keeps it from coming
   * back.
   */
  abandon(): void {
    this.death.cut();
    this.#abandoned.abort();
  }

  /** Asks for no more messages. Those that are being handled can still be settled. */
  async stop(): Promise<void> {
    await this.#subscription?.close();
  }

  async close(): Promise<void> {
    await this.receiver.close();
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
