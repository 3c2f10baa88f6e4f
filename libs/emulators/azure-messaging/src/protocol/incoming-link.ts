import { AmqpError, amqpErrorFields } from './amqp-error.js';
import { MAX_MESSAGE_BYTES } from './amqp-limits.js';
import { DispositionWriter } from './disposition-writer.js';
import type { RheaContext, RheaDelivery, RheaReceiver } from './rhea-endpoints.js';

/** What arrived on a link: one message, or a batch of them in one envelope. */
export interface IncomingDelivery {
  readonly bytes: Buffer;
  readonly isBatch: boolean;
}

/** Resolves when what arrived is safe; 'drop' leaves it unanswered. Rejections go to the sender. */
export type DeliveryHandler = (delivery: IncomingDelivery) => Promise<'applied' | 'drop'>;

const BATCH_FORMAT = 0x80013700;
/** The clients sleep a whole second when they run out of credit, so it is filled up long before. */
const CREDIT = 2000;
const MAX_UNSETTLED = 6000;
const MAX_UNSETTLED_BYTES = 64 * 1024 * 1024;

/** Opens the emulator's receiving end of a link: gives credit, hands deliveries over in order, and settles them. */
export function openIncomingLink(receiver: RheaReceiver, handle: DeliveryHandler): void {
  const link = new IncomingLink(receiver, handle);
  receiver.local.attach.max_message_size = MAX_MESSAGE_BYTES;
  receiver.on('message', (context: RheaContext) => void link.receive(context));
  receiver.add_credit(CREDIT);
}

class IncomingLink {
  private readonly dispositions: DispositionWriter;
  private outstanding = CREDIT;
  private unsettled = 0;
  private unsettledBytes = 0;

  constructor(
    private readonly receiver: RheaReceiver,
    private readonly handle: DeliveryHandler,
  ) {
    this.dispositions = new DispositionWriter(receiver.session, 'receiver');
  }

  async receive({ delivery, message }: RheaContext): Promise<void> {
    if (delivery === undefined) return;
    const bytes = Buffer.isBuffer(message) ? message : Buffer.alloc(0);
    this.account(1, bytes.length);
    this.outstanding -= 1;
    this.grantCredit();
    try {
      if (bytes.length > MAX_MESSAGE_BYTES) throw tooLarge();
      const result = await this.handle({ bytes, isBatch: delivery.format === BATCH_FORMAT });
      if (result === 'applied') this.dispositions.settle(delivery, 'accepted');
    } catch (error) {
      this.reject(delivery, error);
    }
    this.account(-1, -bytes.length);
    this.grantCredit();
  }

  private reject(delivery: RheaDelivery, error: unknown): void {
    this.dispositions.settle(delivery, amqpErrorFields(error));
  }

  private account(deliveries: number, bytes: number): void {
    this.unsettled += deliveries;
    this.unsettledBytes += bytes;
  }

  private grantCredit(): void {
    const busy = this.unsettled > MAX_UNSETTLED || this.unsettledBytes > MAX_UNSETTLED_BYTES;
    if (busy || this.outstanding > CREDIT / 2) return;
    this.receiver.add_credit(CREDIT - this.outstanding);
    this.outstanding = CREDIT;
  }
}

function tooLarge(): AmqpError {
  return new AmqpError('amqp:link:message-size-exceeded', `A message may have ${MAX_MESSAGE_BYTES} bytes.`);
}
