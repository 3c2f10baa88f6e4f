import { Logger } from '@nestjs/common';
import { type HeardEvent, heardRegistryEvent, type RegistryEvent } from '@pratique/contracts';
import type { RegistryEventPublisher } from '@pratique/messaging';
import {
  type HandshakeAnswer,
  type RawWebhook,
  Refusal,
  registryOfKind,
  type RegistrySettings,
  type TrustSources,
} from '@pratique/registries';
import { publishWithin } from './publish-within.js';
import type { RefusedDelivery, ReportRefusal } from './report-refusal.js';
import { repositoryAllowList } from './repository-allow-list.js';
import { type WebhookAnswer, webhookAnswer, type WebhookReason } from './webhook-answer.js';

interface Sender {
  settings: RegistrySettings;
  isAllowed(repository: string): boolean;
}

export interface ReceiveWebhookOptions {
  registries: readonly RegistrySettings[];
  publisher: Pick<RegistryEventPublisher, 'publish'>;
  refusals: Pick<ReportRefusal, 'report'>;
  sources: TrustSources;
}

type Trouble = Pick<RefusedDelivery, 'reason' | 'explanation' | 'image' | 'identity'>;

/** Takes a delivery in: who sent it, what it says, whether the sender may say it; and hands it to the broker. */
export class ReceiveWebhook {
  readonly #logger = new Logger(ReceiveWebhook.name);
  readonly #senders: ReadonlyMap<string, Sender>;

  constructor(private readonly options: ReceiveWebhookOptions) {
    this.#senders = new Map(
      options.registries
        .filter(({ webhook }) => webhook !== undefined)
        .map((settings) => [
          settings.name,
          { settings, isAllowed: repositoryAllowList(settings.webhook?.repositories) },
        ]),
    );
  }

  /** Whether a registry of this name is configured and sends webhooks. */
  knows(registry: string): boolean {
    return this.#senders.has(registry);
  }

  /** Resolves when it is decided, and for what is accepted that means when the broker has it. Never throws. */
  async receive(registry: string, request: RawWebhook): Promise<WebhookAnswer> {
    const sender = this.#senders.get(registry);
    if (sender === undefined) return this.unknown(request);
    try {
      return await this.#judge(sender, request);
    } catch (error) {
      this.#logger.error({
        msg: 'A webhook could not be judged; its sender is asked to repeat it',
        err: error,
      });
      return webhookAnswer('not-accepted');
    }
  }

  /** Answers a sender that asks whether it may deliver. */
  consent(registry: string, request: Pick<RawWebhook, 'headers' | 'receivedAt'>): WebhookAnswer {
    const sender = this.#senders.get(registry);
    if (sender === undefined) return this.unknown(request);
    const { settings } = sender;
    const consent = registryOfKind(settings.kind).webhook.consent?.(request, settings);
    return consent === undefined
      ? webhookAnswer('of-no-interest')
      : { ...webhookAnswer('handshake'), handshake: consent.answer };
  }

  /** Refuses a delivery to a name that is not configured. The name is not reported: anybody can make up names. */
  unknown(request: Pick<RawWebhook, 'headers' | 'receivedAt'>): WebhookAnswer {
    const explanation = 'no registry of that name sends webhooks';
    return this.refuse(undefined, request, { reason: 'unknown-registry', explanation });
  }

  /** Refuses a delivery and reports it. */
  refuse(
    registry: string | undefined,
    { headers, receivedAt }: Pick<RawWebhook, 'headers' | 'receivedAt'>,
    trouble: Trouble,
  ): WebhookAnswer {
    const { reason, explanation, image, identity } = trouble;
    this.options.refusals.report({
      reason,
      registry,
      explanation,
      at: receivedAt,
      ...(image !== undefined && { image }),
      ...(identity !== undefined && { identity }),
      traceparent: oneHeader(headers['traceparent']),
    });
    return webhookAnswer(reason);
  }

  async #judge(sender: Sender, request: RawWebhook): Promise<WebhookAnswer> {
    const { settings } = sender;
    const { name: registry } = settings;
    const { webhook } = registryOfKind(settings.kind);
    const verified = await webhook.verify(request, settings, this.options.sources);
    if (verified instanceof Refusal) return this.refuse(registry, request, verified);
    const heard = webhook.normalise(verified, settings);
    if (heard instanceof Refusal) return this.refuse(registry, request, heard);
    if (!Array.isArray(heard)) return this.#shakeHands(heard);
    if (heard.length === 0) return webhookAnswer('of-no-interest');
    const allowed = heard.filter(({ data }) => sender.isAllowed(data.repository));
    const refused = heard.filter(({ data }) => !sender.isAllowed(data.repository));
    for (const event of refused) this.refuse(registry, request, notAllowed(event));
    if (allowed.length === 0) return webhookAnswer('repository-not-allowed', webhook.afterRefusal);
    return webhookAnswer(await this.#publish(allowed, request));
  }

  async #shakeHands({ answer, visit }: HandshakeAnswer): Promise<WebhookAnswer> {
    if (visit !== undefined) await this.options.sources.visit(visit);
    return { ...webhookAnswer('handshake'), handshake: answer };
  }

  async #publish(heard: readonly HeardEvent[], { headers }: RawWebhook): Promise<WebhookReason> {
    const traceparent = oneHeader(headers['traceparent']);
    const events = heard.map((event) => heardRegistryEvent({ ...event, traceparent }));
    try {
      await publishWithin(this.options.publisher, events);
    } catch (error) {
      this.#logger.error({
        msg: 'The broker did not take a webhook; its sender is asked to repeat it',
        err: error,
      });
      return 'not-accepted';
    }
    for (const event of events) this.#logger.log(acceptedLine(event));
    return 'accepted';
  }
}

function notAllowed({ data, identity }: HeardEvent): Trouble {
  const { registry, repository, tag, digest } = data;
  return {
    reason: 'repository-not-allowed',
    explanation: `it may not speak of the repository ${repository}`,
    image: { registry, repository, tag, digest },
    identity: identity.join(' '),
  };
}

function acceptedLine({ id, type, source, subject }: RegistryEvent): object {
  return { msg: 'A webhook was accepted', registry: source, type, subject, id };
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
