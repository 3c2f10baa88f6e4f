import type { HeldMessage, LockedMessage, PropertyValue } from '../engine/message.js';
import type { MessageQueue } from '../engine/message-queue.js';
import type { QueueConsumer } from '../engine/queue-consumers.js';
import { amqpErrorFields, notImplemented } from './amqp-error.js';
import { deliveredMessage } from './delivered-message.js';
import { DispositionWriter } from './disposition-writer.js';
import { type EmulatorMoment, type Interceptor, permits } from './interceptor.js';
import { lockTokenToTag, tagToLockToken } from './lock-token-bytes.js';
import { OutgoingLink } from './outgoing-link.js';
import { propertiesOf } from './property-map.js';
import type { RheaContext, RheaDelivery, RheaOutcome, RheaSender } from './rhea-endpoints.js';

/** Sender settle mode 1 of an attach: the client wants messages that are settled when they arrive. */
const SETTLED = 1;

type Outcome = NonNullable<EmulatorMoment['outcome']>;

/** A client's receiver on a subscription, queue or dead-letter queue: deliveries out, settlements in. */
export class QueueReceiver {
  private readonly link: OutgoingLink;
  private readonly consumer: QueueConsumer;
  private readonly dispositions: DispositionWriter;
  private readonly messageIds = new WeakMap<RheaDelivery, string>();

  constructor(
    sender: RheaSender,
    private readonly queue: MessageQueue,
    private readonly interceptor: Interceptor | undefined,
  ) {
    const preSettled = sender.snd_settle_mode === SETTLED;
    this.dispositions = new DispositionWriter(sender.session, 'sender');
    this.link = new OutgoingLink(sender, { preSettled, onCredit: () => queue.dispatch() });
    const ready = (): boolean => this.link.ready();
    this.consumer = preSettled
      ? { mode: 'receive-and-delete', ready, deliver: (message) => this.deliver(message) }
      : { mode: 'peek-lock', ready, deliver: (locked) => this.deliver(locked.message, locked) };
    this.listenForSettlements(sender);
    queue.attach(this.consumer);
  }

  /** The receiver is gone. Its locks run on, as on Azure. */
  end(): void {
    this.queue.detach(this.consumer);
    this.link.end();
  }

  private deliver(message: HeldMessage, locked?: LockedMessage): void {
    const { path: entity } = this.queue;
    const permitted = permits(this.interceptor, () => ({
      kind: 'deliver',
      entity,
      messageIds: [message.messageId],
    }));
    if (permitted === true) {
      this.send(message, locked);
      return;
    }
    const reservation = this.link.reserve();
    void permitted.then((proceed) => {
      reservation.release();
      if (proceed) this.send(message, locked);
      else this.queue.dispatch();
    });
  }

  private send(message: HeldMessage, locked: LockedMessage | undefined): void {
    const details = locked === undefined ? {} : { lockedUntil: locked.lockedUntil };
    const tag = locked && lockTokenToTag(locked.token);
    const delivery = this.link.send(deliveredMessage(message, details), tag);
    if (delivery !== undefined) this.messageIds.set(delivery, message.messageId);
  }

  private listenForSettlements(sender: RheaSender): void {
    for (const event of ['accepted', 'released', 'modified', 'rejected']) {
      sender.on(event, ({ delivery }: RheaContext) => {
        if (delivery !== undefined && !delivery.settled)
          void this.settle(delivery, outcomeOf(event, delivery));
      });
    }
  }

  private async settle(delivery: RheaDelivery, outcome: Outcome): Promise<void> {
    const { path: entity } = this.queue;
    const messageIds = [this.messageIds.get(delivery) ?? ''];
    const permitted = permits(this.interceptor, () => ({ kind: 'disposition', entity, outcome, messageIds }));
    if (permitted !== true && !(await permitted)) return;
    try {
      await applyOutcome(this.queue, {
        token: tagToLockToken(delivery.tag) ?? '',
        outcome,
        state: delivery.remote_state,
      });
      this.dispositions.settle(delivery, 'accepted');
    } catch (error) {
      this.dispositions.settle(delivery, amqpErrorFields(error));
    }
  }
}

function outcomeOf(event: string, { remote_state: state }: RheaDelivery): Outcome {
  if (event === 'accepted') return 'complete';
  if (event === 'rejected') return 'dead-letter';
  return state?.undeliverable_here === true ? 'defer' : 'abandon';
}

async function applyOutcome(
  queue: MessageQueue,
  settlement: { readonly token: string; readonly outcome: Outcome; readonly state: RheaOutcome | undefined },
): Promise<void> {
  const { token, outcome, state } = settlement;
  switch (outcome) {
    case 'complete':
      await queue.complete(token);
      break;
    case 'abandon':
      await queue.abandon(token, propertiesOf(state?.message_annotations));
      break;
    case 'dead-letter':
      await queue.deadLetter(token, deadLetterReason(state));
      break;
    case 'defer':
      throw notImplemented('deferring messages (defer)');
  }
}

/** The clients put reason, description and properties to modify together into the error's info. */
function deadLetterReason(state: RheaOutcome | undefined): { properties: Record<string, PropertyValue> } {
  return { properties: propertiesOf(state?.error?.info) };
}
