import { Logger } from '@nestjs/common';
import { type HeardEvent, heardRegistryEvent, type RegistryEvent } from '@pratique/contracts';
import {
  type AfterRefusal,
  type HandshakeAnswer,
  type RawWebhook,
  Refusal,
  type RegistrySettings,
  TrustSourceError,
  type TrustSources,
} from '@pratique/registries';
import { Work } from '@pratique/telemetry';
import { GuessLimit } from './guess-limit.js';
import type { HandOver, Whereabouts } from './hand-over.js';
import type { RefusedDelivery, ReportRefusal } from './report-refusal.js';
import { type Sender, senderOf } from './sender.js';
import { type WebhookAnswer, webhookAnswer, type WebhookReason } from './webhook-answer.js';

/** A delivery of which the headers have arrived. */
export interface Delivery extends Omit<RawWebhook, 'body'> {
  /** Where it came from; undefined when that cannot be told. */
  address: string | undefined;
}

export interface ReceiveWebhookOptions {
  registries: readonly RegistrySettings[];
  handOver: Pick<HandOver, 'accept'>;
  refusals: Pick<ReportRefusal, 'report'>;
  sources: TrustSources;
}

type Trouble = Pick<RefusedDelivery, 'reason' | 'explanation' | 'image' | 'identity'> & {
  /** Decides the answer to a sender that has proved who it is. */
  afterRefusal?: AfterRefusal;
};

/** Takes a delivery in: who sent it, what it says, whether the sender may say it; and hands it over. */
export class ReceiveWebhook {
  readonly #logger = new Logger(ReceiveWebhook.name);
  readonly #guesses = new GuessLimit();
  readonly #senders: ReadonlyMap<string, Sender>;

  constructor(private readonly options: ReceiveWebhookOptions) {
    this.#senders = new Map(
      options.registries
        .filter(({ webhook }) => webhook !== undefined)
        .map((settings) => [settings.name, senderOf(settings)]),
    );
  }

  /** Whether a registry of this name is configured and sends webhooks. */
  knows(registry: string): boolean {
    return this.#senders.has(registry);
  }

  /** Judges what can be judged before a byte of the body is read. @returns undefined when the body is to be read */
  admit(registry: string, delivery: Delivery): WebhookAnswer | undefined {
    const sender = this.#senders.get(registry);
    if (sender === undefined) return this.#unknown(delivery);
    const { address, receivedAt } = delivery;
    if (!sender.mayComeFrom(address)) {
      const explanation = `it came from ${address ?? 'an address that cannot be told'}, which is not in allowFrom`;
      return this.refuse(registry, delivery, { reason: 'address-not-allowed', explanation });
    }
    const wait = this.#guesses.wait(registry, address, receivedAt);
    if (wait === 0) return undefined;
    const explanation = 'too many deliveries from its address did not prove who sent them';
    return this.#postpone(registry, delivery, { reason: 'too-many-attempts', explanation, wait });
  }

  /** Resolves when it is decided, and for what is accepted that means when the broker or the journal has it. Never throws. */
  async receive(registry: string, delivery: Delivery & RawWebhook): Promise<WebhookAnswer> {
    const sender = this.#senders.get(registry);
    if (sender === undefined) return this.#unknown(delivery);
    try {
      return await this.#judge(sender, delivery);
    } catch (error) {
      // Whoever names keys and certificates that nobody has must not keep us asking for them, nor fill the log.
      if (error instanceof TrustSourceError)
        this.#guesses.failed(registry, delivery.address, delivery.receivedAt);
      this.#logger.error({
        msg: 'A webhook could not be judged; its sender is asked to repeat it',
        err: error,
      });
      return webhookAnswer('not-accepted');
    }
  }

  /** Answers a sender that asks whether it may deliver. */
  consent(registry: string, delivery: Delivery): WebhookAnswer {
    const refused = this.admit(registry, delivery);
    if (refused !== undefined) return refused;
    const sender = this.#senders.get(registry);
    const consent = sender?.webhook.consent?.(delivery, sender.settings);
    return consent === undefined
      ? webhookAnswer('of-no-interest')
      : { ...webhookAnswer('handshake'), handshake: consent.answer };
  }

  /** Refuses a delivery and reports it. */
  refuse(registry: string | undefined, delivery: Delivery, trouble: Trouble): WebhookAnswer {
    const { reason, explanation, image, identity, afterRefusal } = trouble;
    const { headers, receivedAt, address } = delivery;
    if (reason === 'not-authenticated' && registry !== undefined)
      this.#guesses.failed(registry, address, receivedAt);
    this.options.refusals.report({
      reason,
      registry,
      explanation,
      at: receivedAt,
      address,
      ...(image !== undefined && { image }),
      ...(identity !== undefined && { identity }),
      traceparent: Work.current()?.traceparent ?? oneHeader(headers['traceparent']),
    });
    return webhookAnswer(reason, afterRefusal);
  }

  /** Refuses a delivery to a name that is not configured. The name is not reported: anybody can make up names. */
  #unknown(delivery: Delivery): WebhookAnswer {
    const explanation = 'no registry of that name sends webhooks';
    return this.refuse(undefined, delivery, { reason: 'unknown-registry', explanation });
  }

  #postpone(registry: string, delivery: Delivery, trouble: Trouble & { wait: number }): WebhookAnswer {
    return { ...this.refuse(registry, delivery, trouble), retryAfter: trouble.wait };
  }

  async #judge(sender: Sender, delivery: Delivery & RawWebhook): Promise<WebhookAnswer> {
    const { settings, webhook } = sender;
    const { name: registry } = settings;
    const verified = await webhook.verify(delivery, settings, this.options.sources);
    if (verified instanceof Refusal) return this.refuse(registry, delivery, verified);
    const wait = sender.allowance.take(delivery.receivedAt);
    if (wait > 0) {
      const explanation = 'it delivers more than its rateLimit allows';
      return this.#postpone(registry, delivery, { reason: 'too-many-requests', explanation, wait });
    }
    const heard = webhook.normalise(verified, settings);
    if (heard instanceof Refusal) {
      const { reason, explanation } = heard;
      return this.refuse(registry, delivery, { reason, explanation, afterRefusal: webhook.afterRefusal });
    }
    if (!Array.isArray(heard)) return this.#shakeHands(heard);
    if (heard.length === 0) return webhookAnswer('of-no-interest');
    const allowed = heard.filter(({ data }) => sender.maySpeakOf(data.repository));
    const refused = heard.filter(({ data }) => !sender.maySpeakOf(data.repository));
    for (const event of refused) this.refuse(registry, delivery, notAllowed(event));
    if (allowed.length === 0) return webhookAnswer('repository-not-allowed', webhook.afterRefusal);
    return webhookAnswer(await this.#publish(allowed, delivery));
  }

  async #shakeHands({ answer, visit }: HandshakeAnswer): Promise<WebhookAnswer> {
    if (visit !== undefined) await this.options.sources.visit(visit);
    return { ...webhookAnswer('handshake'), handshake: answer };
  }

  async #publish(heard: readonly HeardEvent[], { headers }: RawWebhook): Promise<WebhookReason> {
    const traceparent = Work.current()?.traceparent ?? oneHeader(headers['traceparent']);
    const events = heard.map((event) => heardRegistryEvent({ ...event, traceparent }));
    let where: Whereabouts;
    try {
      where = await this.options.handOver.accept(events);
    } catch (error) {
      this.#logger.error({
        msg: 'A webhook could not be put into safe hands; its sender is asked to repeat it',
        err: error,
      });
      return 'not-accepted';
    }
    for (const event of events) this.#logger.log(acceptedLine(event, where));
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

function acceptedLine({ id, type, source, subject }: RegistryEvent, where: Whereabouts): object {
  const correlation = id;
  return {
    msg: `A webhook was accepted: the ${where} has it`,
    registry: source,
    type,
    subject,
    id,
    correlation,
  };
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
