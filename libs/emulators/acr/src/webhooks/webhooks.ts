import { Agent, request } from 'undici';

import type { WebhookAction, WebhookEvent } from './webhook-event.js';
import { pingPayload, webhookPayload } from './webhook-payload.js';
import { scopeCovers } from './webhook-scope.js';

/** Azure's, not configurable (MicrosoftDocs/azure-docs issue 54638). */
const timeoutMilliseconds = 5000;

/** Only the latest are kept: a standalone run may go on for weeks. */
const maxRememberedDeliveries = 1000;

export interface Webhook {
  readonly name: string;
  readonly url: string;
  /** Sent with each delivery, e.g. an Authorization header: the only protection that Azure's webhooks have. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly actions: readonly WebhookAction[];
  /** `repo:tag`, `repo:*`, `repo` (= `repo:latest`), or nothing for all. */
  readonly scope?: string;
}

/** What became of one delivery. */
export interface WebhookDelivery {
  readonly webhook: string;
  readonly action: WebhookAction | 'ping';
  readonly payload: object;
  /** Status of the answer; missing when there was none. */
  readonly status?: number;
  /** Why there was no answer. */
  readonly error?: string;
}

export interface WebhooksOptions {
  readonly webhooks: readonly Webhook[];
  readonly loginServer: () => string;
  readonly now: () => number;
}

/** Tells the webhooks of a registry what happened: one POST each, tried once, as Azure does (Azure/acr issue 681). */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #webhooks = new Map<string, Webhook>();
  readonly #agent = new Agent({ keepAliveTimeout: 1000 });
  readonly #underway = new Set<Promise<WebhookDelivery>>();
  readonly #deliveries: WebhookDelivery[] = [];

  constructor(options: WebhooksOptions) {
    this.#options = options;
    for (const webhook of options.webhooks) this.add(webhook);
  }

  /** Adds a webhook, or replaces the one of the same name. */
  add(webhook: Webhook): void {
    this.#webhooks.set(webhook.name, webhook);
  }

  /** The latest deliveries, in the order in which they ended. */
  get deliveries(): readonly WebhookDelivery[] {
    return [...this.#deliveries];
  }

  /** Starts the deliveries of an event and returns at once. */
  announce(event: WebhookEvent): void {
    const now = this.#options.now();
    for (const webhook of this.#webhooks.values()) {
      if (!webhook.actions.includes(event.action) || !scopeCovers(webhook.scope, event)) continue;
      // Each webhook of Azure has event ids of its own.
      const payload = webhookPayload(event, { loginServer: this.#options.loginServer(), now });
      // `settled` is where its end is awaited; a delivery never rejects.
      void this.#start(webhook, event.action, payload);
    }
  }

  /** Sends the test delivery that the portal's Ping button sends. */
  ping(name: string): Promise<WebhookDelivery> {
    const webhook = this.#webhooks.get(name);
    if (webhook === undefined) throw new Error(`There is no webhook named ${name}. Add it first.`);
    return this.#start(webhook, 'ping', pingPayload);
  }

  /** Waits until no delivery is under way. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** Cuts off what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
    await this.settled();
  }

  #start(webhook: Webhook, action: WebhookAction | 'ping', payload: object): Promise<WebhookDelivery> {
    const delivery = this.#deliver(webhook, payload).then((result) => {
      const finished = { webhook: webhook.name, action, payload, ...result };
      this.#deliveries.push(finished);
      if (this.#deliveries.length > maxRememberedDeliveries) this.#deliveries.shift();
      this.#underway.delete(delivery);
      return finished;
    });
    this.#underway.add(delivery);
    return delivery;
  }

  async #deliver(webhook: Webhook, payload: object): Promise<{ status: number } | { error: string }> {
    try {
      const answer = await request(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'AzureContainerRegistry/1.0',
          ...lowerCaseNames(webhook.headers ?? {}),
        },
        body: JSON.stringify(payload),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      await answer.body.dump();
      return { status: answer.statusCode };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** So that a configured Content-Type replaces ours instead of joining it. */
function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
