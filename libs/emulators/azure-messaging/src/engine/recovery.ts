import type { Broker } from './broker.js';
import type { HubEvent } from './event-log.js';
import type { EventHub } from './event-hub.js';
import type { HeldCopy, JournalRecord, RecordOf } from './journal-record.js';
import type { HeldMessage, IncomingMessage } from './message.js';
import { asDeadLetter } from './dead-letter.js';
import type { MessageQueue } from './message-queue.js';
import { fromStored, toStored } from './stored-properties.js';
import type { PayloadSource, Topic } from './topic.js';

export interface RecoveryEntry {
  readonly record: JournalRecord;
  readonly payloads: readonly Buffer[];
}

/** Reads an encoded message again; the engine itself does not know the encoding. */
export type MessageReader = (encoded: Buffer) => IncomingMessage;

type TopicRecord = RecordOf<'accepted' | 'activated' | 'cancelled' | 'scheduled' | 'seen' | 'topic'>;
type QueueRecord = RecordOf<'locked' | 'changed' | 'removed' | 'deadLettered' | 'queue'>;

/** Repeats one record's change. Records of entities that are no longer configured change nothing. */
export function replayRecord(broker: Broker, { record, payloads }: RecoveryEntry, read: MessageReader): void {
  if ('topic' in record) replayOnTopic(broker.topic(record.topic), record, { payloads, read });
  else if ('queue' in record) replayOnQueue(broker.queue(record.queue), record);
  else if ('hub' in record) replayOnHub(broker.eventHub(record.hub), record, payloads);
  else for (const copy of record.copies) broker.queue(copy.queue)?.contents.hold(heldMessage(copy, payloads));
}

function replayOnHub(
  hub: EventHub | undefined,
  record: RecordOf<'events' | 'partition'>,
  payloads: readonly Buffer[],
): void {
  const partition = hub?.findPartition(record.partition);
  if (record.type === 'events') partition?.restore(record, payloads);
  else partition?.restoreCounters(record);
}

function replayOnTopic(topic: Topic | undefined, record: TopicRecord, source: PayloadSource): void {
  if (topic === undefined) return;
  switch (record.type) {
    case 'accepted':
      topic.restoreAccepted(record, source);
      break;
    case 'activated':
      topic.restoreActivated(record);
      break;
    case 'cancelled':
      topic.restoreCancelled(record);
      break;
    case 'scheduled':
      topic.restoreScheduled(record.message, source);
      break;
    case 'seen':
      topic.restoreSeen(source.payloads);
      break;
    case 'topic':
      topic.restoreCounters(record);
  }
}

function replayOnQueue(queue: MessageQueue | undefined, record: QueueRecord): void {
  if (queue === undefined) return;
  const { contents } = queue;
  if (record.type === 'removed') {
    for (const sequence of record.sequences) contents.remove(sequence);
  } else if (record.type === 'queue') {
    contents.reserveSequencesBelow(record.nextSequence);
  } else {
    const message = contents.find(record.sequence);
    if (message !== undefined) replayOnMessage(queue, message, record);
  }
}

function replayOnMessage(
  queue: MessageQueue,
  message: HeldMessage,
  record: RecordOf<'locked' | 'changed' | 'deadLettered'>,
): void {
  message.deliveryCount = record.deliveryCount;
  if (record.type === 'changed') message.properties = fromStored(record.properties);
  if (record.type !== 'deadLettered') return;
  queue.contents.remove(record.sequence);
  queue.deadLetterQueue?.contents.hold(asDeadLetter(message, queue.path, fromStored(record.properties)));
}

/** Everything the broker holds, as the shortest journal that would lead there. */
export function* snapshot(broker: Broker): Generator<RecoveryEntry> {
  for (const topic of broker.topics.values()) {
    yield* topic.snapshot();
    for (const { sequence, dueAt, message } of topic.schedule.all()) {
      const { messageId } = message.description;
      const entry = { sequence, messageId, copies: [], scheduledFor: dueAt };
      const record: JournalRecord = { type: 'scheduled', topic: topic.name, at: 0, message: entry };
      yield { record, payloads: [message.encoded] };
    }
  }
  for (const queue of broker.queues.values()) {
    yield {
      record: { type: 'queue', queue: queue.path, nextSequence: queue.contents.upcomingSequence },
      payloads: [],
    };
  }
  yield* heldSnapshot(broker);
  yield* eventSnapshot(broker);
}

/**
 * The copies of one message in several subscriptions share its bytes, in memory and in the snapshot. A delivery that is under
 * way counts, as in the journal.
 */
function* heldSnapshot(broker: Broker): Generator<RecoveryEntry> {
  const copies = new Map<Buffer, HeldCopy[]>();
  for (const queue of broker.queues.values()) {
    for (const message of queue.contents.all()) {
      const { encoded, properties, ...rest } = message;
      const sharing = copies.get(encoded) ?? [];
      const deliveryCount = message.deliveryCount + (queue.isLocked(message) ? 1 : 0);
      sharing.push({ ...rest, deliveryCount, queue: queue.path, properties: toStored(properties) });
      copies.set(encoded, sharing);
    }
  }
  for (const [encoded, sharing] of copies)
    yield { record: { type: 'held', copies: sharing }, payloads: [encoded] };
}

function* eventSnapshot(broker: Broker): Generator<RecoveryEntry> {
  for (const hub of broker.eventHubs.values()) {
    for (const id of hub.partitionIds) {
      const partition = hub.partition(id);
      yield { record: partition.snapshot(), payloads: [] };
      for (const event of partition.all()) yield eventEntry(event, { hub: hub.name, partition: id });
    }
  }
}

function eventEntry(
  event: HubEvent,
  names: { readonly hub: string; readonly partition: string },
): RecoveryEntry {
  const { sequence: firstSequence, offset: firstOffset, enqueuedAt: at, partitionKey } = event;
  return {
    record: {
      type: 'events',
      ...names,
      at,
      firstSequence,
      firstOffset,
      ...(partitionKey !== undefined && { partitionKey }),
    },
    payloads: [event.encoded],
  };
}

function heldMessage({ properties, ...copy }: HeldCopy, payloads: readonly Buffer[]): HeldMessage {
  return { ...copy, encoded: payloads[0] ?? Buffer.alloc(0), properties: fromStored(properties) };
}
