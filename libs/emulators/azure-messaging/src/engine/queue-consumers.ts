import type { HeldMessage, LockedMessage } from './message.js';

/** A receiver of a queue. The engine calls `deliver` only when `ready` said yes; neither may call the queue back. */
export type QueueConsumer =
  | { readonly mode: 'peek-lock'; ready(): boolean; deliver(locked: LockedMessage): void }
  | { readonly mode: 'receive-and-delete'; ready(): boolean; deliver(message: HeldMessage): void };

/** Gives competing receivers one message each in turn, so that none with a large credit starves the others. */
export class QueueConsumers {
  private consumers: QueueConsumer[] = [];

  get size(): number {
    return this.consumers.length;
  }

  add(consumer: QueueConsumer): void {
    this.consumers.push(consumer);
  }

  remove(consumer: QueueConsumer): void {
    this.consumers = this.consumers.filter((other) => other !== consumer);
  }

  /** The next receiver in turn that can take a message. */
  next(): QueueConsumer | undefined {
    const index = this.consumers.findIndex((consumer) => consumer.ready());
    const chosen = this.consumers[index];
    if (chosen === undefined) return undefined;
    this.consumers = [...this.consumers.slice(index + 1), ...this.consumers.slice(0, index + 1)];
    return chosen;
  }
}
