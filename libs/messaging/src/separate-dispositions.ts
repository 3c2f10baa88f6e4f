import type { ServiceBusReceivedMessage } from '@azure/service-bus';

/** Where the SDK (7.9.5) keeps the delivery of rhea (3.0.5) that a message came in. */
interface MessageOfSdk {
  delivery?: { link?: { session?: Session } };
}

interface Session {
  incoming?: Incoming;
  is_open(): boolean;
}

/** rhea's book of the deliveries that came over one session. */
interface Incoming {
  /** Settled in this turn of the event loop, and not yet written. */
  updated: { state?: DescribedState | undefined }[];
  update(delivery: unknown, settled: boolean, state?: DescribedState): void;
  /** Writes them. */
  process(session: Session): void;
}

interface DescribedState {
  descriptor?: { value?: unknown };
}

// https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#type-accepted
const accepted = 0x24;

const separated = new WeakSet<Incoming>();

/**
 * Makes every settlement of the receiver that the message came over leave as what it is.
 *
 * rhea writes the dispositions of a turn of the event loop together, and does not compare the states of the first two
 * (`write_dispositions` in its session.js): a completion and a dead-letter of consecutive deliveries leave as "both
 * completed", both calls resolve, and the dead letter is lost. Here, what waits is written before something else than
 * another completion is added to it, so that no settlement has to wait for the answer to one of another sort. The SDK's own
 * repetition of a settlement, which nobody outside of it sees, passes here too.
 *
 * The versions are pinned. @throws Error when rhea keeps its book elsewhere: a message is better not settled than wrongly
 */
export function separateDispositions(message: ServiceBusReceivedMessage): void {
  const { session, incoming } = bookOf(message);
  if (separated.has(incoming)) return;
  separated.add(incoming);
  const update = incoming.update.bind(incoming);
  incoming.update = (delivery, settled, state) => {
    const mayJoin = isAccepted(state) && incoming.updated.every((waiting) => isAccepted(waiting.state));
    if (!mayJoin && incoming.updated.length > 0 && session.is_open()) incoming.process(session);
    update(delivery, settled, state);
  };
}

function bookOf(message: object): { session: Session; incoming: Incoming } {
  const session = (message as MessageOfSdk).delivery?.link?.session;
  const incoming = session?.incoming;
  if (session === undefined || typeof incoming?.update !== 'function' || !Array.isArray(incoming.updated)) {
    throw new Error(
      'This version of rhea is not known to keep settlements apart: see separate-dispositions.ts',
    );
  }
  return { session, incoming };
}

function isAccepted(state: DescribedState | undefined): boolean {
  return Number(state?.descriptor?.value) === accepted;
}
