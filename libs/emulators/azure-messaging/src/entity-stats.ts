import type { EventHub } from './engine/event-hub.js';
import type { Topic } from './engine/topic.js';
import type { Outlet } from './engine/topic.js';

export interface EntityStats {
  /** Ready to be received. */
  readonly active: number;
  /** Received and not settled yet; also while the settlement is being written. */
  readonly locked: number;
  /** Waiting on the topic for their time; of a subscription: those that its rules will take. */
  readonly scheduled: number;
  readonly deadLettered: number;
}

export interface EventHubStats {
  readonly partitions: readonly {
    readonly id: string;
    readonly events: number;
    readonly lastSequenceNumber: number;
  }[];
}

/** The sum over the topic's subscriptions, and everything scheduled on it. */
export function topicStats(topic: Topic): EntityStats {
  const parts = topic.outlets.map((outlet) => outletStats(topic, outlet));
  const sum = (field: 'active' | 'locked' | 'deadLettered'): number =>
    parts.reduce((total, part) => total + part[field], 0);
  return {
    active: sum('active'),
    locked: sum('locked'),
    deadLettered: sum('deadLettered'),
    scheduled: topic.schedule.all().length,
  };
}

export function outletStats(topic: Topic, outlet: Outlet): EntityStats {
  const { queue } = outlet;
  const { deadLetterQueue: dead } = queue;
  return {
    active: queue.contents.available,
    locked: queue.contents.count - queue.contents.available,
    scheduled: topic.schedule.all().filter(({ message }) => outlet.takes(message.description)).length,
    deadLettered: dead?.contents.count ?? 0,
  };
}

export function eventHubStats(hub: EventHub): EventHubStats {
  const partitions = hub.partitionIds.map((id) => {
    const partition = hub.partition(id);
    return { id, events: partition.all().length, lastSequenceNumber: partition.state.lastSequence };
  });
  return { partitions };
}
