import rhea from 'rhea';

import { amqpErrorFields, statusCodeOf } from './amqp-error.js';
import { MAX_MESSAGE_BYTES } from './amqp-limits.js';
import { checkValue } from './amqp-scan.js';
import { codec } from './amqp-values.js';
import { DispositionWriter } from './disposition-writer.js';
import type { RheaContext, RheaReceiver, RheaSender } from './rhea-endpoints.js';

/** A request to `$cbs` or a `$management` node. */
export interface NodeRequest {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface NodeReply {
  readonly statusCode: number;
  readonly body?: unknown;
}

/** 'drop': the request is never answered. Rejections become an error reply. */
export type NodeHandler = (request: NodeRequest) => Promise<NodeReply | 'drop'>;

interface DecodedMessage {
  readonly message_id?: unknown;
  readonly reply_to?: unknown;
  readonly application_properties?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const REQUEST_CREDIT = 100;

const messages = rhea.message as unknown as {
  encode(message: object): Buffer;
  decode(bytes: Buffer): DecodedMessage;
};

/**
 * The request-and-reply nodes of one connection. A client opens a link for its requests and one for the replies; requests to
 * `$cbs` name the reply link by its name, those to `$management` by its target address, so replies are found by either.
 */
export class RequestReplyNodes {
  private readonly replyLinks = new Map<string, RheaSender>();

  /** Takes a link for replies; returns what ends it. */
  openReplies(sender: RheaSender): () => void {
    const keys = [sender.name, sender.target?.address].filter((key) => typeof key === 'string');
    for (const key of keys) this.replyLinks.set(key, sender);
    return () => {
      for (const key of keys) if (this.replyLinks.get(key) === sender) this.replyLinks.delete(key);
    };
  }

  openRequests(receiver: RheaReceiver, handler: NodeHandler): void {
    receiver.local.attach.max_message_size = MAX_MESSAGE_BYTES;
    receiver.add_credit(REQUEST_CREDIT);
    const dispositions = new DispositionWriter(receiver.session, 'receiver');
    receiver.on('message', ({ delivery, message }: RheaContext) => {
      receiver.add_credit(1);
      if (delivery !== undefined) dispositions.settle(delivery, 'accepted');
      void this.answer(message, handler);
    });
  }

  private async answer(message: unknown, handler: NodeHandler): Promise<void> {
    const request = decodeRequest(message);
    const replyTo = this.replyLinks.get(String(request?.reply_to));
    if (request === undefined || replyTo === undefined) return;
    const reply = await replyFrom(request, handler);
    if (reply !== 'drop') send(replyTo, request, reply);
  }
}

type CompleteReply = NodeReply & { readonly condition?: string; readonly description?: string };

async function replyFrom(request: DecodedMessage, handler: NodeHandler): Promise<CompleteReply | 'drop'> {
  try {
    return await handler({ properties: request.application_properties ?? {}, body: request.body });
  } catch (error) {
    const { condition, description } = amqpErrorFields(error);
    return { statusCode: statusCodeOf(condition), condition, description };
  }
}

/** Both spellings of every field: the client's management code reads one, its `$cbs` code the other. */
function send(link: RheaSender, request: DecodedMessage, reply: CompleteReply): void {
  if (!link.is_open()) return;
  const { statusCode, condition, description = 'OK', body = {} } = reply;
  const encoded = messages.encode({
    correlation_id: request.message_id,
    to: request.reply_to,
    application_properties: {
      statusCode: codec.wrap_int(statusCode),
      'status-code': codec.wrap_int(statusCode),
      statusDescription: description,
      'status-description': description,
      ...(condition !== undefined && {
        errorCondition: codec.wrap_symbol(condition),
        'error-condition': codec.wrap_symbol(condition),
      }),
    },
    body,
  });
  const delivery = link.send(encoded, undefined, 0);
  delivery.settled = true;
}

/** Checked before rhea's decoder sees it; a request that is no message has nowhere to send an answer to. */
function decodeRequest(message: unknown): DecodedMessage | undefined {
  if (!Buffer.isBuffer(message) || message.length > MAX_MESSAGE_BYTES) return undefined;
  try {
    for (let at = 0; at < message.length;) at = checkValue(message, at);
    return messages.decode(message);
  } catch {
    return undefined;
  }
}
