import type { Broker } from '../engine/broker.js';
import type { EventHub } from '../engine/event-hub.js';
import { entityNotFound, notImplemented } from './amqp-error.js';
import { codec } from './amqp-values.js';
import type { NodeHandler } from './request-reply.js';

const STRING_TYPE_CODE = 0xa1;

/** The management node of Event Hubs: properties of a hub and of a partition. */
export function hubManagement(broker: Broker): NodeHandler {
  return async ({ properties }) => {
    const { operation, type, name, partition } = properties;
    if (operation !== 'READ') throw notImplemented(`'${String(operation)}' on $management`);
    const hub = broker.eventHub(String(name));
    if (hub === undefined) throw entityNotFound(String(name));
    if (type === 'com.microsoft:eventhub')
      return Promise.resolve({ statusCode: 200, body: hubProperties(hub) });
    if (type === 'com.microsoft:partition') {
      return Promise.resolve({ statusCode: 200, body: partitionProperties(hub, String(partition)) });
    }
    throw notImplemented(`reading '${String(type)}'`);
  };
}

function hubProperties(hub: EventHub): Record<string, unknown> {
  return {
    name: hub.name,
    type: 'com.microsoft:eventhub',
    created_at: codec.wrap_timestamp(hub.createdAt),
    partition_count: codec.wrap_int(hub.partitionIds.length),
    partition_ids: codec.wrap_array(hub.partitionIds, STRING_TYPE_CODE),
    georeplication_factor: codec.wrap_int(1),
  };
}

function partitionProperties(hub: EventHub, id: string): Record<string, unknown> {
  const state = hub.partition(id).state;
  return {
    name: hub.name,
    type: 'com.microsoft:partition',
    partition: id,
    begin_sequence_number: codec.wrap_long(state.firstSequence),
    last_enqueued_sequence_number: codec.wrap_long(state.lastSequence),
    last_enqueued_offset: String(state.lastOffset),
    last_enqueued_time_utc: codec.wrap_timestamp(state.lastEnqueuedAt),
    is_partition_empty: state.isEmpty,
  };
}
