import { Logger } from '@nestjs/common';
import {
  type BaseRpcContext,
  type CustomTransportStrategy,
  type MessageHandler,
  type ReadPacket,
  Server,
} from '@nestjs/microservices';
import type { RegistryEvent, SubscriptionName } from '@pratique/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import { ServiceBusDelivery } from './delivery.js';
import { checkHandler, checkHandlers } from './check-handlers.js';
import { MessageWorker } from './message-worker.js';
import type { MessagingClients } from './messaging-clients.js';
import type { OutcomePublisher } from './outcome.publisher.js';
import { shareOf } from './messaging.settings.js';
import { brokerError } from './publishing.js';
import { RepeatedWarnings } from './repeated-warnings.js';
import { type RebuildReason, SubscriptionReceiver } from './subscription-receiver.js';
import { subscriptionTransport } from './subscription-transport.js';

export interface ServiceBusServerOptions {
  subscription: SubscriptionName;
  clients: MessagingClients;
  outcomes: Pick<OutcomePublisher, 'publish'>;
}

/**
 * Nest's transport for one subscription of the registry-events topic.
 *
 * It owns the loop, receive → check against the contract → handler → {@link settle}, so that handlers are ordinary
 * `@EventPattern` methods which return or throw and never see a lock, an acknowledgement or a raw message.
 */
export class ServiceBusServer extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  // Nest would otherwise log a handler's failure as one that nobody sees.
  override readonly propagatesEventHandlerErrors = true;
  protected override readonly logger: Logger;
  readonly #options: ServiceBusServerOptions;
  readonly #warnings = new RepeatedWarnings();
  #worker: MessageWorker | undefined;

  constructor(options: ServiceBusServerOptions) {
    super();
    this.#options = options;
    this.transportId = subscriptionTransport(options.subscription);
    this.logger = new Logger(`ServiceBusServer:${options.subscription}`);
  }

  /**
   * Starts to receive. It does not wait for the broker: a service that starts before its broker gets its messages when
   * the broker is there ({@link status} tells).
   *
   * @throws MessagingError `wrong-handlers`, to the callback, when the subscription is sent something nobody handles
   */
  listen(callback: (error?: unknown) => void): void {
    try {
      checkHandlers(this.#options.subscription, [...this.messageHandlers.keys()]);
      this.#start();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /**
   * Stops to receive, tells the handlers through their signal, waits for them until the deadline of the settings, and
   * gives the rest back to the broker, which hands it to another worker at once.
   */
  async close(): Promise<void> {
    await this.#worker?.close();
    this.#worker = undefined;
  }

  /** The handlers must be exactly those of the subscription's types of events, one for each. */
  // eslint-disable-next-line max-params -- Nest's signature
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    checkHandler(this.#options.subscription, {
      pattern,
      isEventHandler,
      isTaken: this.messageHandlers.has(this.normalizePattern(pattern as string)),
    });
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /**
   * Runs the handler and resolves when it is done, Observable or not. The inherited one resolves as soon as an
   * Observable is returned and whatever becomes of it, and the message would be completed before the work.
   */
  override async handleEvent(
    pattern: string,
    packet: ReadPacket<RegistryEvent>,
    context: BaseRpcContext,
  ): Promise<void> {
    // Nest's `getHandlerByPattern` parses the pattern every time, for patterns that are objects; ours are names.
    const handler = this.messageHandlers.get(pattern);
    if (handler === undefined) throw new Error(`no handler for ${pattern} in this version of the service`);
    await new Promise<void>((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        const end = this.createProcessingEndHookRunner(context);
        await run(handler, packet.data, context).finally(end).then(resolve, reject);
      });
    });
  }

  override on(): never {
    throw new Error('ServiceBusServer emits no events of its own: subscribe to its `status`.');
  }

  /** The clients that the server uses. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<T>(): T {
    return this.#options.clients as T;
  }

  #start(): void {
    const { clients, subscription } = this.#options;
    const { concurrency, prefetch } = shareOf(clients.settings, subscription);
    this.#worker = new MessageWorker({
      ...this.#options,
      logger: this.logger,
      handle: (event, delivery) =>
        this.handleEvent(event.type, { pattern: event.type, data: event }, new ServiceBusDelivery(delivery)),
      connect: (onMessage) =>
        new SubscriptionReceiver(clients, {
          subscription,
          capacity: concurrency + prefetch,
          onMessage,
          onConnected: () => this._status$.next('connected'),
          onError: (operation, error) => this.#onError(operation, brokerError(error)),
          onRebuild: (reason) => this.#onRebuild(reason),
        }),
    });
    this.#worker.start();
  }

  #onRebuild(reason: RebuildReason): void {
    const { clients, subscription } = this.#options;
    clients.metrics.rebuilt(subscription, reason);
    if (reason === 'unreachable') this._status$.next('disconnected');
    const msg =
      reason === 'silent'
        ? 'Messages wait and none comes: the link is replaced'
        : 'The broker does not answer any more: the connection is replaced';
    if (this.#warnings.allows(msg)) this.logger.warn(msg);
  }

  #onError(operation: string, error: string): void {
    if (operation === 'receive') this._status$.next('disconnected');
    if (!this.#warnings.allows(error)) return;
    this.logger.warn({
      msg: 'The connection to Service Bus reported an error; it is tried again',
      operation,
      error,
    });
  }
}

async function run(handler: MessageHandler, event: RegistryEvent, context: BaseRpcContext): Promise<void> {
  const returned: unknown = await handler(event, context);
  if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
}
