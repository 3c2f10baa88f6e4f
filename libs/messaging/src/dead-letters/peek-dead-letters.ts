import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { SubscriptionName } from '@pratique/contracts';
import type { MessagingSettings } from '../messaging.settings.js';
import { type DeadLetterContent, readDeadLetter } from './dead-letter.js';
import { withDeadLetters } from './dead-letter-queue.js';

export interface PeekOptions {
  subscription: SubscriptionName;
  /** At most so many are returned. */
  limit: number;
  /** Only those with these ids. */
  ids?: readonly string[] | undefined;
  /** Told how many have been looked at so far. */
  onProgress?: (seen: number) => void;
}

export interface PeekedDeadLetters {
  letters: DeadLetterContent[];
  /** Whether there are others beyond the limit. */
  more: boolean;
}

const pageSize = 100;
// Looking through more than this for an id takes minutes; by then the oldest should be dealt with first.
const maxLookedAt = 50_000;

/**
 * Reads dead letters without taking or locking them, the oldest first.
 *
 * @throws DeadLetterError `not-reachable`
 */
export function peekDeadLetters(
  settings: MessagingSettings,
  options: PeekOptions,
): Promise<PeekedDeadLetters> {
  return withDeadLetters(settings, options.subscription, (receiver) => peek(receiver, options));
}

async function peek(
  receiver: ServiceBusReceiver,
  { limit, ids, onProgress }: PeekOptions,
): Promise<PeekedDeadLetters> {
  const wanted = ids === undefined ? undefined : new Set(ids);
  const letters: DeadLetterContent[] = [];
  let seen = 0;
  while (seen < maxLookedAt) {
    const page = await receiver.peekMessages(pageSize);
    if (page.length === 0) return { letters, more: false };
    seen += page.length;
    onProgress?.(seen);
    for (const message of page.filter((each) => wanted?.has(idOf(each)) ?? true)) {
      if (letters.length === limit) return { letters, more: true };
      letters.push(readDeadLetter(message));
    }
  }
  return { letters, more: true };
}

function idOf(message: ServiceBusReceivedMessage): string {
  return String(message.messageId);
}
