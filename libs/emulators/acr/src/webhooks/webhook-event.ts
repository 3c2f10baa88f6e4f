import type { Exchange } from '../http/exchange.js';
import type { StoredManifest } from '../registry/stored-image.js';

/** Actions that a webhook can be subscribed to. Azure also has chart_push and chart_delete, of a retired store. */
export type WebhookAction = 'push' | 'delete' | 'quarantine';
export type PushAction = Exclude<WebhookAction, 'delete'>;

/** The request behind an event, as far as events tell of it. */
export interface WebhookRequest {
  readonly method: string;
  readonly userAgent?: string | undefined;
}

/** Something that happened in a registry, before it is put into words. */
export interface WebhookEvent {
  readonly action: WebhookAction;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly manifest: StoredManifest;
  readonly request: WebhookRequest;
}

/** The request part of events that a request causes. */
export function webhookRequestOf(exchange: Exchange): WebhookRequest {
  return { method: exchange.method, userAgent: exchange.headers['user-agent'] };
}
