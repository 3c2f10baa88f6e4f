import { z } from 'zod';

const Sequence = z.number().int().nonnegative();
const Moment = z.number();

/** bigint and Date have no JSON form, so they are written as one-key objects. */
const StoredValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.object({ long: z.string() }),
  z.object({ time: z.number() }),
]);
const StoredProperties = z.record(z.string(), StoredValue);
export type StoredProperties = z.infer<typeof StoredProperties>;

const Copy = z.object({ queue: z.string(), sequence: Sequence });
export type Copy = z.infer<typeof Copy>;

const AcceptedMessage = z.object({
  sequence: Sequence,
  messageId: z.string(),
  copies: z.array(Copy),
  expiresAt: Moment.optional(),
  scheduledFor: Moment.optional(),
});
export type AcceptedMessage = z.infer<typeof AcceptedMessage>;

const HeldCopy = z.object({
  queue: z.string(),
  sequence: Sequence,
  enqueuedSequence: Sequence,
  enqueuedAt: Moment,
  messageId: z.string(),
  deliveryCount: z.number().int().nonnegative(),
  properties: StoredProperties,
  expiresAt: Moment.optional(),
  deadLetterSource: z.string().optional(),
});
export type HeldCopy = z.infer<typeof HeldCopy>;

/**
 * Everything that changes what the broker holds, one record for each change. Records with payloads name them in order.
 * `accepted`, `removed`, `deadLettered`, `changed`, `cancelled`, `events` are awaited before the client gets its answer;
 * `locked` and `activated` are written on the side, since losing them only repeats a delivery.
 * `held`, `scheduled`, `topic`, `seen`, `queue` and `partition` appear in snapshots only.
 */
export const JournalRecord = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('accepted'),
    topic: z.string(),
    at: Moment,
    messages: z.array(AcceptedMessage),
  }),
  z.object({
    type: z.literal('activated'),
    topic: z.string(),
    at: Moment,
    scheduled: Sequence,
    message: AcceptedMessage,
  }),
  z.object({ type: z.literal('cancelled'), topic: z.string(), sequences: z.array(Sequence) }),
  z.object({
    type: z.literal('locked'),
    queue: z.string(),
    sequence: Sequence,
    deliveryCount: z.number().int().nonnegative(),
  }),
  z.object({
    type: z.literal('changed'),
    queue: z.string(),
    sequence: Sequence,
    deliveryCount: z.number().int().nonnegative(),
    properties: StoredProperties,
  }),
  z.object({ type: z.literal('removed'), queue: z.string(), sequences: z.array(Sequence) }),
  z.object({
    type: z.literal('deadLettered'),
    queue: z.string(),
    sequence: Sequence,
    deliveryCount: z.number().int().nonnegative(),
    properties: StoredProperties,
  }),
  z.object({
    type: z.literal('events'),
    hub: z.string(),
    partition: z.string(),
    at: Moment,
    firstSequence: Sequence,
    firstOffset: Sequence,
    partitionKey: z.string().optional(),
  }),
  z.object({ type: z.literal('held'), copies: z.array(HeldCopy) }),
  z.object({ type: z.literal('scheduled'), topic: z.string(), at: Moment, message: AcceptedMessage }),
  z.object({
    type: z.literal('topic'),
    topic: z.string(),
    nextSequence: Sequence,
  }),
  z.object({ type: z.literal('seen'), topic: z.string() }),
  z.object({ type: z.literal('queue'), queue: z.string(), nextSequence: Sequence }),
  z.object({
    type: z.literal('partition'),
    hub: z.string(),
    partition: z.string(),
    nextSequence: Sequence,
    nextOffset: Sequence,
  }),
]);
export type JournalRecord = z.infer<typeof JournalRecord>;

/** The record of one type. */
export type RecordOf<T extends JournalRecord['type']> = Extract<JournalRecord, { type: T }>;
