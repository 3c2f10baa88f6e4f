import { Controller, Options, Param, Post, Req, Res } from '@nestjs/common';
import { clientAddress, readRequestBody } from '@pratique/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IngressMetrics } from './ingress-metrics.js';
import { type Delivery, ReceiveWebhook } from './receive-webhook.js';
import { TrustedProxies } from './trusted-proxies.js';
import { type WebhookAnswer, webhookAnswer } from './webhook-answer.js';

// Real notifications have about two kilobytes; the largest that Azure Event Grid and its like send have one megabyte.
const maxBodyBytes = 1024 * 1024;

/** What a delivery is answered with: what became of it, or what its sender asked for. */
type AnswerBody = Pick<WebhookAnswer, 'status' | 'reason'> | Readonly<Record<string, string>>;

interface WebhookParams {
  /** The configured name of the registry. */
  registry: string;
  /** The secret of senders that can be told nothing but an address. */
  token?: string;
}

/** The only door in: `POST /webhooks/<name of the registry>`, and for some kinds a token behind that. */
@Controller('webhooks')
export class WebhookController {
  constructor(
    private readonly webhooks: ReceiveWebhook,
    private readonly metrics: IngressMetrics,
    private readonly proxies: TrustedProxies,
  ) {}

  @Post([':registry', ':registry/:token'])
  async receive(
    @Param() params: WebhookParams,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnswerBody> {
    const startedAt = performance.now();
    const { registry } = params;
    const answer = await this.#answer(params, request);
    const known = this.webhooks.knows(registry) ? registry : undefined;
    this.metrics.answered(known, answer, performance.now() - startedAt);
    if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
    // What was not read is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close');
    return bodyOf(answer, reply);
  }

  /** A sender of CloudEvents asks whether it may deliver. It is refused by leaving the consent out, not by the status. */
  @Options(':registry')
  consent(
    @Param() { registry }: WebhookParams,
    @Req() { raw }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): AnswerBody {
    reply.header('allow', 'POST');
    return bodyOf(this.webhooks.consent(registry, this.#deliveryIn(raw)), reply);
  }

  async #answer({ registry, token }: WebhookParams, { raw }: FastifyRequest): Promise<WebhookAnswer> {
    const delivery = { ...this.#deliveryIn(raw), pathToken: token };
    const refused = this.webhooks.admit(registry, delivery);
    if (refused !== undefined) return refused;
    const body = await readRequestBody(raw, maxBodyBytes);
    if ('bytes' in body) return this.webhooks.receive(registry, { ...delivery, body: body.bytes });
    switch (body.refused) {
      case 'too-large': {
        const explanation = `its body is larger than ${maxBodyBytes} bytes`;
        return this.webhooks.refuse(registry, delivery, { reason: 'too-large', explanation });
      }
      case 'encoded': {
        const explanation = 'its body has a content encoding';
        return this.webhooks.refuse(registry, delivery, { reason: 'unsupported-encoding', explanation });
      }
      case 'incomplete':
        return webhookAnswer('incomplete');
    }
  }

  #deliveryIn(raw: FastifyRequest['raw']): Delivery {
    return { headers: raw.headers, receivedAt: new Date(), address: clientAddress(raw, this.proxies.count) };
  }
}

function bodyOf({ status, reason, retryAfter, handshake }: WebhookAnswer, reply: FastifyReply): AnswerBody {
  reply.status(status).headers(handshake?.headers ?? {});
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return handshake?.body ?? { status, reason };
}
