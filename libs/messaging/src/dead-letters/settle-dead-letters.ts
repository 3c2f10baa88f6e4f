import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { SubscriptionName } from '@pratique/contracts';
import type { MessagingClients } from '../messaging-clients.js';
import { MessagingError } from '../messaging-error.js';
import type { MessagingSettings } from '../messaging.settings.js';
import { publishing } from '../publishing.js';
import { type DeadLetter, describeDeadLetter } from './dead-letter.js';
import { DeadLetterError } from './dead-letter-error.js';
import { isBrokerError, withDeadLetters } from './dead-letter-queue.js';
import { replayOf } from './replay-message.js';
import { takeDeadLetters } from './take-dead-letters.js';

export interface SettleOptions {
  subscription: SubscriptionName;
  /** Which ones, by their sequence numbers: an id may stand on several. */
  sequenceNumbers: readonly string[];
  /** Told of each one that is dealt with. */
  onProgress?: (done: number) => void;
}

export interface SettledDeadLetters {
  /** Dealt with, and gone from the queue. */
  done: DeadLetter[];
  /** Dealt with, but still in the queue, since their locks were lost in between. Doing it again is harmless. */
  stillThere: DeadLetter[];
  /** Sequence numbers that were not found: somebody else has dealt with them, or is at it. */
  notFound: string[];
}

/**
 * Sends dead letters again, each to the one subscription that gave it up, and completes each once the broker has the
 * message. A crash in between leaves the dead letter where it is; replaying it again sends the same MessageId, and the
 * event's own id is unchanged, so that its effect stays single.
 *
 * @throws DeadLetterError `not-sent` when the broker refuses one: those before it are done, the others untouched
 */
export function replayDeadLetters(
  settings: MessagingSettings,
  options: SettleOptions,
): Promise<SettledDeadLetters> {
  return settleEach(settings, options, (message, clients) =>
    sendAgain(message, clients, options.subscription),
  );
}

/** Removes dead letters for good. */
export function discardDeadLetters(
  settings: MessagingSettings,
  options: SettleOptions,
): Promise<SettledDeadLetters> {
  return settleEach(settings, options, () => Promise.resolve());
}

type Act = (message: ServiceBusReceivedMessage, clients: MessagingClients) => Promise<void>;

async function settleEach(
  settings: MessagingSettings,
  { subscription, sequenceNumbers, onProgress }: SettleOptions,
  act: Act,
): Promise<SettledDeadLetters> {
  const wanted = new Set(sequenceNumbers);
  const done: DeadLetter[] = [];
  const stillThere: DeadLetter[] = [];
  await withDeadLetters(settings, subscription, (receiver, clients) =>
    takeDeadLetters(receiver, {
      wanted,
      settle: async (message) => {
        await act(message, clients);
        const list = (await completes(receiver, message)) ? done : stillThere;
        list.push(describeDeadLetter(message));
        onProgress?.(done.length + stillThere.length);
      },
    }),
  );
  return { done, stillThere, notFound: [...wanted] };
}

async function completes(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<boolean> {
  try {
    await receiver.completeMessage(message);
    return true;
  } catch (error) {
    if (isBrokerError(error)) return false;
    throw error;
  }
}

async function sendAgain(
  message: ServiceBusReceivedMessage,
  clients: MessagingClients,
  subscription: SubscriptionName,
): Promise<void> {
  try {
    await publishing('the replay of a dead letter', () =>
      clients.topicSender().sendMessages(replayOf(message, subscription)),
    );
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    const sentence = `Dead letter ${String(message.messageId)} was not replayed and is where it was. ${error.message}`;
    throw new DeadLetterError('not-sent', sentence, { cause: error });
  }
}
