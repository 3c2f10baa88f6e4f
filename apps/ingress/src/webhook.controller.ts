import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { readRequestBody } from '@pratique/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReceiveWebhook } from './receive-webhook.js';
import { type WebhookAnswer, webhookAnswer } from './webhook-answer.js';

// Real notifications have about two kilobytes; the largest that Azure Event Grid and its like send have one megabyte.
const maxBodyBytes = 1024 * 1024;

/** The only door in: `POST /webhooks/<name of the registry>`. */
@Controller('webhooks')
export class WebhookController {
  constructor(private readonly webhooks: ReceiveWebhook) {}

  @Post(':registry')
  async receive(
    @Param('registry') registry: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookAnswer> {
    const answer = await this.#answer(registry, request);
    reply.status(answer.status);
    if (answer.status === 401) reply.header('www-authenticate', 'Bearer');
    if (answer.status === 503) reply.header('retry-after', '5');
    // What was not read is not waited for.
    if (!request.raw.complete) reply.header('connection', 'close');
    return answer;
  }

  async #answer(registry: string, { raw }: FastifyRequest): Promise<WebhookAnswer> {
    const delivery = { headers: raw.headers, receivedAt: new Date() };
    if (!this.webhooks.knows(registry)) return this.webhooks.unknown(delivery);
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
}
