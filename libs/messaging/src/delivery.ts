import { BaseRpcContext } from '@nestjs/microservices';

/** What a handler may know of the delivery beside the event: the `@Ctx()` of its method. */
export interface Delivery {
  /** The message's id on this delivery. A redelivered copy has an id of its own; the event's id stays. */
  readonly messageId: string;
  /** 1 for the first time that this subscription is given the event, counted across re-deliveries of every sort. */
  readonly attempt: number;
  /** Whether the message is given up if this attempt fails. */
  readonly lastAttempt: boolean;
  /**
   * Aborts when the service shuts down, and when the lock was lost. Either way another worker takes the message, so
   * work that can stop should stop, by throwing.
   */
  readonly signal: AbortSignal;
}

/** The context as Nest wants it. */
export class ServiceBusDelivery extends BaseRpcContext<[string, number, boolean]> implements Delivery {
  readonly messageId: string;
  readonly attempt: number;
  readonly lastAttempt: boolean;
  readonly signal: AbortSignal;

  constructor(delivery: Delivery) {
    super([delivery.messageId, delivery.attempt, delivery.lastAttempt]);
    this.messageId = delivery.messageId;
    this.attempt = delivery.attempt;
    this.lastAttempt = delivery.lastAttempt;
    this.signal = delivery.signal;
  }
}
