import type { MessageQueue } from '../engine/message-queue.js';
import type { Topic } from '../engine/topic.js';
import { AmqpError, notImplemented } from './amqp-error.js';
import { codec, typedArray, wholeNumber } from './amqp-values.js';
import { deliveredMessage } from './delivered-message.js';
import { readIncomingMessage } from './incoming-message.js';
import { type EmulatorMoment, type Interceptor, permits } from './interceptor.js';
import { uuidToLockToken } from './lock-token-bytes.js';
import { propertiesOf } from './property-map.js';
import type { NodeHandler, NodeReply } from './request-reply.js';

/** What a management node stands for: a topic or queue one can send to, a queue one can receive from, or both. */
export interface ManagedEntity {
  readonly path: string;
  readonly topic?: Topic | undefined;
  readonly queue?: MessageQueue | undefined;
}

interface Operation {
  readonly entity: ManagedEntity;
  readonly body: Readonly<Record<string, unknown>>;
  readonly interceptor: Interceptor | undefined;
}

const OK = 200;
const NO_CONTENT = 204;
const MAX_ITEMS = 1000;
/** Most a peek may answer with, so that the reply stays one message of the allowed size. */
const MAX_PEEK_BYTES = 768 * 1024;

const OPERATIONS: Readonly<Record<string, (operation: Operation) => Promise<NodeReply | 'drop'>>> = {
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:peek-message': peek,
  'com.microsoft:renew-lock': renewLocks,
  'com.microsoft:schedule-message': schedule,
  'com.microsoft:update-disposition': updateDisposition,
};

/** The `$management` node of a Service Bus entity. */
export function entityManagement(entity: ManagedEntity, interceptor: Interceptor | undefined): NodeHandler {
  return async ({ properties, body }) => {
    const name = String(properties['operation']);
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) throw notImplemented(`the management operation '${name}'`);
    if (body === null || typeof body !== 'object') throw argumentError('The request has no map as its body.');
    return await operation({ entity, body: body as Record<string, unknown>, interceptor });
  };
}

async function renewLocks({ entity, body }: Operation): Promise<NodeReply> {
  const queue = receivable(entity);
  const expirations = lockTokens(body).map((token) => queue.renew(token));
  return Promise.resolve({ statusCode: OK, body: { expirations: typedArray('timestamp', expirations) } });
}

async function schedule({ entity, body, interceptor }: Operation): Promise<NodeReply | 'drop'> {
  const topic = sendable(entity);
  const messages = list(body['messages']).map((item) => {
    const encoded = (item as { readonly message?: unknown }).message;
    if (!Buffer.isBuffer(encoded)) throw argumentError('A scheduled message has no encoded message.');
    return readIncomingMessage(encoded);
  });
  const messageIds = messages.map(({ description }) => description.messageId);
  const permitted = permits(interceptor, () => ({ kind: 'send', entity: topic.name, messageIds }));
  if (permitted !== true && !(await permitted)) return 'drop';
  const sequences = await topic.accept(messages);
  return { statusCode: OK, body: { 'sequence-numbers': typedArray('long', sequences) } };
}

async function cancelScheduled({ entity, body }: Operation): Promise<NodeReply> {
  const sequences = list(body['sequence-numbers']).map((value) => wholeNumber(value) ?? -1);
  await sendable(entity).cancel(sequences);
  return { statusCode: OK };
}

async function peek({ entity, body }: Operation): Promise<NodeReply> {
  const from = wholeNumber(body['from-sequence-number']) ?? 0;
  const limit = Math.min(wholeNumber(body['message-count']) ?? 1, MAX_ITEMS);
  const messages: { message: Buffer }[] = [];
  let room = MAX_PEEK_BYTES;
  for (const held of receivable(entity).peek(from, limit)) {
    const message = deliveredMessage(held);
    room -= message.length;
    if (room < 0 && messages.length > 0) break;
    messages.push({ message });
  }
  return Promise.resolve({ statusCode: messages.length === 0 ? NO_CONTENT : OK, body: { messages } });
}

/** What the clients use to settle when the link over which the message came is gone. */
async function updateDisposition({ entity, body, interceptor }: Operation): Promise<NodeReply | 'drop'> {
  const queue = receivable(entity);
  const outcome = OUTCOMES[String(body['disposition-status'])];
  if (outcome === undefined)
    throw argumentError(`Unknown disposition '${String(body['disposition-status'])}'.`);
  const permitted = permits(interceptor, () => ({ kind: 'disposition', entity: queue.path, outcome }));
  if (permitted !== true && !(await permitted)) return 'drop';
  for (const token of lockTokens(body)) await settle(queue, { token, outcome, body });
  return { statusCode: OK };
}

/** The names are the wire's: "defered" is misspelt there, and "suspended" means dead-lettered. */
const OUTCOMES: Readonly<Record<string, NonNullable<EmulatorMoment['outcome']>>> = {
  abandoned: 'abandon',
  completed: 'complete',
  defered: 'defer',
  suspended: 'dead-letter',
};

async function settle(
  queue: MessageQueue,
  settlement: {
    readonly token: string;
    readonly outcome: string;
    readonly body: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { token, outcome, body } = settlement;
  const properties = propertiesOf(body['properties-to-modify']);
  if (outcome === 'complete') await queue.complete(token);
  else if (outcome === 'abandon') await queue.abandon(token, properties);
  else if (outcome === 'dead-letter') {
    const [reason, description] = [text(body['deadletter-reason']), text(body['deadletter-description'])];
    await queue.deadLetter(token, { reason, description, properties });
  } else throw notImplemented('deferring messages (update-disposition defered)');
}

function lockTokens(body: Readonly<Record<string, unknown>>): string[] {
  return list(body['lock-tokens']).map((token) =>
    Buffer.isBuffer(token) ? uuidToLockToken(token) : String(token),
  );
}

/** Lists and arrays come with their items still wrapped where they are maps. */
function list(value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) {
    throw argumentError(`The request needs a list of at most ${MAX_ITEMS} items.`);
  }
  return value.map((item) => codec.unwrap(item));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function receivable({ path, queue }: ManagedEntity): MessageQueue {
  if (queue === undefined)
    throw new AmqpError('amqp:not-allowed', `'${path}' is a topic; receive from a subscription.`);
  return queue;
}

function sendable({ path, topic }: ManagedEntity): Topic {
  if (topic === undefined)
    throw new AmqpError('amqp:not-allowed', `Messages cannot be sent to '${path}'; send to its topic.`);
  return topic;
}

function argumentError(message: string): AmqpError {
  return new AmqpError('com.microsoft:argument-error', message);
}
