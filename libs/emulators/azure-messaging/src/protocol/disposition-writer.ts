import { codec } from './amqp-values.js';
import type { AmqpErrorFields, AmqpTyped, RheaDelivery, RheaSession } from './rhea-endpoints.js';

/** The answer to a delivery: accepted, or rejected with this error. */
export type Settlement = 'accepted' | AmqpErrorFields;

const Disposition = codec.define_composite({
  name: 'disposition',
  code: 0x15,
  fields: [
    { name: 'role', type: 'boolean', mandatory: true },
    { name: 'first', type: 'uint', mandatory: true },
    { name: 'last', type: 'uint' },
    { name: 'settled', type: 'boolean' },
    { name: 'state', type: '*' },
  ],
});

/**
 * Writes the settlements of one direction of a session. rhea's own writer merges the first two deliveries of a turn without
 * comparing their states, which would report a rejected delivery as accepted; this merges only neighbours that were accepted.
 */
export class DispositionWriter {
  private pending: { readonly id: number; readonly settlement: Settlement }[] = [];

  /** `role`: the emulator's end of the links. */
  constructor(
    private readonly session: RheaSession,
    private readonly role: 'sender' | 'receiver',
  ) {}

  /** Settles a delivery; the frame leaves at the end of the turn. */
  settle(delivery: RheaDelivery, settlement: Settlement): void {
    const alreadySettled = delivery.remote_settled;
    delivery.settled = true;
    // The clients never confirm with settled=true, so rhea would keep the delivery in its buffer for ever.
    delivery.remote_settled = true;
    this.session.connection._register();
    if (alreadySettled) return;
    if (this.pending.length === 0) process.nextTick(() => this.flush());
    this.pending.push({ id: delivery.id, settlement });
  }

  private flush(): void {
    const settled = this.pending;
    this.pending = [];
    // A client may end the session without waiting; a frame for it would then be an error that ends its connection.
    if (!this.session.is_open()) return;
    let first = 0;
    settled.forEach(({ id, settlement }, index) => {
      const next = settled[index + 1];
      const mergeable = settlement === 'accepted' && next?.settlement === 'accepted' && next.id === id + 1;
      if (mergeable) return;
      this.write(settled[first]?.id ?? id, id, settlement);
      first = index + 1;
    });
  }

  private write(first: number, last: number, settlement: Settlement): void {
    const state = settlement === 'accepted' ? accepted() : rejected(settlement);
    this.session.output(
      Disposition.create({ role: this.role === 'receiver', first, last, settled: true, state }),
    );
  }
}

function accepted(): AmqpTyped {
  return codec.described(codec.wrap_ulong(0x24), codec.wrap([]));
}

function rejected({ condition, description }: AmqpErrorFields): AmqpTyped {
  const error = codec.described(
    codec.wrap_ulong(0x1d),
    codec.wrap([codec.wrap_symbol(condition), description]),
  );
  return codec.described(codec.wrap_ulong(0x25), codec.wrap([error]));
}
