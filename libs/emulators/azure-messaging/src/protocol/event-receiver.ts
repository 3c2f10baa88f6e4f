import type { EventHub } from '../engine/event-hub.js';
import type { HubEvent } from '../engine/event-log.js';
import type { EventPartition, EventReader } from '../engine/event-partition.js';
import type { PartitionOwner } from '../engine/partition-owners.js';
import { codec, wholeNumber } from './amqp-values.js';
import { deliveredEvent } from './delivered-message.js';
import { inOrder } from './in-order.js';
import { type Interceptor, permits } from './interceptor.js';
import { OutgoingLink } from './outgoing-link.js';
import type { RheaSender } from './rhea-endpoints.js';
import { parseStartPosition, SELECTOR_FILTER } from './start-position.js';

/** The link property with the owner level. */
const OWNER_LEVEL = 'com.microsoft:epoch';
/** The capability by which a client asks for the partition's newest numbers with every event. */
const RUNTIME_METRIC = 'com.microsoft:enable-receiver-runtime-metric';
/** The client's session window is 2048 deliveries; twice that keeps it busy without flooding it. */
const MAX_CREDIT = 4096;

export interface EventReceiverOptions {
  readonly hub: EventHub;
  readonly consumerGroup: string;
  readonly partition: string;
  readonly interceptor: Interceptor | undefined;
  readonly now: () => number;
}

/** A client's receiver on one partition in one consumer group. */
export class EventReceiver implements EventReader {
  private readonly partition: EventPartition;
  private readonly link: OutgoingLink;
  private readonly owner: PartitionOwner;
  private readonly withRuntimeInfo: boolean;
  private readonly inTurn = inOrder();

  /** Throws EngineError when the partition, the group or the right to read is missing. */
  constructor(
    sender: RheaSender,
    private readonly options: EventReceiverOptions,
  ) {
    const { hub, consumerGroup, partition } = options;
    const start = parseStartPosition(described(sender.source?.filter?.[SELECTOR_FILTER]));
    this.owner = {
      ownerLevel: wholeNumber(described(sender.properties?.[OWNER_LEVEL])),
      displaced: (reason) => this.displaced(reason),
    };
    hub.ownersOf(consumerGroup, partition).join(this.owner);
    this.partition = hub.partition(partition);
    this.withRuntimeInfo = [sender.desired_capabilities].flat().includes(RUNTIME_METRIC);
    const onCredit = (): void => this.partition.pump(this);
    this.link = new OutgoingLink(sender, { preSettled: true, maxCredit: MAX_CREDIT, onCredit });
    this.partition.open(this, start);
  }

  ready(): boolean {
    return this.link.ready();
  }

  deliver(event: HubEvent): void {
    const { hub, consumerGroup, partition, interceptor } = this.options;
    const entity = `${hub.name}/ConsumerGroups/${consumerGroup}/Partitions/${partition}`;
    const permitted = permits(interceptor, () => ({ kind: 'deliver', entity }));
    if (permitted === true) {
      this.send(event);
      return;
    }
    const reservation = this.link.reserve();
    void this.inTurn(async () => {
      const proceed = await permitted;
      reservation.release();
      if (proceed) this.send(event);
      else this.partition.pump(this);
    });
  }

  end(): void {
    this.partition.close(this);
    this.options.hub.ownersOf(this.options.consumerGroup, this.options.partition).leave(this.owner);
    this.link.end();
  }

  private send(event: HubEvent): void {
    this.link.send(deliveredEvent(event, this.withRuntimeInfo ? this.runtimeInfo() : {}));
  }

  private runtimeInfo(): Record<string, unknown> {
    const { lastSequence, lastOffset, lastEnqueuedAt } = this.partition.state;
    return {
      last_enqueued_sequence_number: codec.wrap_long(lastSequence),
      last_enqueued_offset: String(lastOffset),
      last_enqueued_time_utc: codec.wrap_timestamp(lastEnqueuedAt),
      runtime_info_retrieval_time_utc: codec.wrap_timestamp(this.options.now()),
    };
  }

  private displaced(reason: string): void {
    this.partition.close(this);
    this.link.detach({ condition: 'amqp:link:stolen', description: reason });
  }
}

/** rhea leaves described values of maps wrapped. */
function described(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
}
