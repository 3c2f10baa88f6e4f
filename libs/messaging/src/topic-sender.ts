import {
  isServiceBusError,
  type ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusMessageBatch,
  type ServiceBusSender,
} from '@azure/service-bus';
import { MessagingError } from './messaging-error.js';
import { overOneConnection } from './over-one-connection.js';
import { publishing } from './publishing.js';

interface Connections {
  settings: { retry: { timeoutMs: number } };
  serviceBus(): ServiceBusClient;
  topicSender(): ServiceBusSender;
  replaceServiceBus(dead: ServiceBusClient): void;
}

/** Messages that go together or not at all, and who waits for them. */
interface Group {
  messages: readonly ServiceBusMessage[];
  accept: () => void;
  refuse: (error: unknown) => void;
}

// A batch is one delivery to the broker and one fsync of it. More in one makes the first of them wait for the last.
const mostInBatch = 200;

// While so many are under way, what comes gathers to the next batch.
const mostUnderWay = 4;

// What waits is divided among those that may be under way, down to this: the broker then works on the first part while the
// next is being encoded. Smaller ones would cost more by themselves.
const divisible = 16;

// What waits is in memory. At 64 KiB each this is more than a broker that is away should cost a service.
const mostWaiting = 2_000;

/**
 * Sends messages to the topic. Those that are sent in the same turn of the event loop, or while earlier ones are under
 * way, share a batch; each caller hears of its own only.
 */
export class TopicSender {
  readonly #waiting: Group[] = [];
  #waitingMessages = 0;
  #underWay = 0;
  #scheduled = false;

  constructor(private readonly connections: Connections) {}

  /**
   * Resolves when the broker has accepted all of the messages; it takes all of them or none.
   *
   * @throws MessagingError `too-large` when they do not fit into one batch, `not-published` when the broker did not
   *   accept them or too many are waiting for it already
   */
  send(messages: readonly ServiceBusMessage[]): Promise<void> {
    if (this.#waitingMessages + messages.length > mostWaiting && this.#waiting.length > 0) {
      return Promise.reject(busy());
    }
    return new Promise((accept, refuse) => {
      this.#waiting.push({ messages, accept, refuse });
      this.#waitingMessages += messages.length;
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#underWay >= mostUnderWay) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#underWay += 1;
      void this.#deliver(this.#take()).finally(() => {
        this.#underWay -= 1;
        this.#schedule();
      });
      this.#schedule();
    });
  }

  #take(): Group[] {
    const share = Math.ceil(this.#waitingMessages / (mostUnderWay - this.#underWay + 1));
    const most = Math.min(mostInBatch, Math.max(divisible, share));
    let count = 0;
    let groups = 0;
    for (const { messages } of this.#waiting) {
      if (groups > 0 && count + messages.length > most) break;
      count += messages.length;
      groups += 1;
    }
    this.#waitingMessages -= count;
    return this.#waiting.splice(0, groups);
  }

  /** Tells every group what became of it. Never rejects. */
  async #deliver(groups: readonly Group[]): Promise<void> {
    for (let rest = groups; rest.length > 0; rest = rest.slice(await this.#deliverSome(rest)));
  }

  /** Delivers as many of the first groups as fit into one batch, and says how many those are. */
  async #deliverSome(groups: readonly Group[]): Promise<number> {
    let delivered: readonly Group[] = groups;
    try {
      await publishing('registry events', () =>
        overOneConnection(this.#connection(), async () => {
          const sender = this.connections.topicSender();
          const { fitting, batch } = await pack(groups, sender);
          delivered = fitting;
          await sender.sendMessages(batch);
        }),
      );
      delivered.forEach(({ accept }) => accept());
    } catch (error) {
      if (isTooLarge(error) && delivered.length > 1) await this.#oneByOne(delivered);
      else delivered.forEach(({ refuse }) => refuse(error));
    }
    return delivered.length;
  }

  async #oneByOne(groups: readonly Group[]): Promise<void> {
    for (const group of groups) await this.#deliverSome([group]);
  }

  #connection() {
    return {
      timeoutMs: this.connections.settings.retry.timeoutMs,
      get: () => this.connections.serviceBus(),
      replace: (dead: ServiceBusClient) => this.connections.replaceServiceBus(dead),
    };
  }
}

/** @throws MessagingError `too-large` when the first group does not fit into a batch by itself */
async function pack(
  groups: readonly Group[],
  sender: ServiceBusSender,
): Promise<{ fitting: readonly Group[]; batch: ServiceBusMessage | ServiceBusMessageBatch }> {
  const [only, ...others] = groups.flatMap(({ messages }) => messages);
  // A message by itself needs no envelope; whether it is too large, the broker says.
  if (only !== undefined && others.length === 0) return { fitting: groups, batch: only };
  const batch = await sender.createMessageBatch();
  const firstTooMany = groups.findIndex(
    ({ messages }) => !messages.every((message) => batch.tryAddMessage(message)),
  );
  if (firstTooMany === -1) return { fitting: groups, batch };
  if (firstTooMany === 0) throw tooLarge(groups[0]?.messages.length ?? 0, batch.maxSizeInBytes);
  // Some of that group may be in the batch, and nothing can be taken out of one.
  return pack(groups.slice(0, firstTooMany), sender);
}

function isTooLarge(error: unknown): boolean {
  const { cause } = error as Error;
  return (
    (error instanceof MessagingError && error.code === 'too-large') ||
    (isServiceBusError(cause) && cause.code === 'MessageSizeExceeded')
  );
}

function tooLarge(count: number, maxBytes: number): MessagingError {
  return new MessagingError(
    'too-large',
    `${count} events do not fit into one batch of ${maxBytes} bytes: publish fewer at a time.`,
  );
}

function busy(): MessagingError {
  return new MessagingError(
    'not-published',
    `${mostWaiting} messages are waiting for the broker already: publish this one again when it accepts them.`,
  );
}
