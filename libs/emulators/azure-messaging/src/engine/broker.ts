import type { Clock } from './clock.js';
import { EventHub, type EventHubOptions } from './event-hub.js';
import { compileRules, type RuleOptions } from './filter/rule.js';
import type { EngineContext, Journal } from './journal.js';
import { MessageQueue } from './message-queue.js';
import { type Outlet, Topic } from './topic.js';

export interface SubscriptionOptions {
  readonly name: string;
  readonly lockDurationMs?: number;
  readonly maxDeliveryCount?: number;
  readonly rules: readonly RuleOptions[];
}

export interface BrokerTopicOptions {
  readonly name: string;
  readonly duplicateDetectionWindowMs?: number;
  readonly subscriptions: readonly SubscriptionOptions[];
}

export interface BrokerQueueOptions extends Omit<SubscriptionOptions, 'rules'> {
  readonly duplicateDetectionWindowMs?: number;
}

export interface BrokerOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly topics: readonly BrokerTopicOptions[];
  readonly queues: readonly BrokerQueueOptions[];
  readonly eventHubs: readonly EventHubOptions[];
}

/** Azure's defaults for a subscription and a queue. */
const DEFAULT_LOCK_DURATION_MS = 60_000;
const DEFAULT_MAX_DELIVERY_COUNT = 10;

/** All entities of the namespace, found by name or address without regard to case. */
export class Broker {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly queues: ReadonlyMap<string, MessageQueue>;
  readonly eventHubs: ReadonlyMap<string, EventHub>;
  private readonly context: EngineContext;

  constructor(options: BrokerOptions) {
    this.context = { clock: options.clock, journal: options.journal };
    const topics = [
      ...options.topics.map((topic) => this.buildTopic(topic)),
      ...options.queues.map((queue) => this.buildQueue(queue)),
    ];
    this.topics = byName(topics, ({ name }) => name);
    const queues = topics.flatMap(({ outlets }) => outlets.map(({ queue }) => queue));
    this.queues = byName(
      queues.flatMap((queue) => (queue.deadLetterQueue ? [queue, queue.deadLetterQueue] : [queue])),
      ({ path }) => path,
    );
    this.eventHubs = byName(
      options.eventHubs.map((hub) => new EventHub(hub, this.context)),
      ({ name }) => name,
    );
  }

  topic(name: string): Topic | undefined {
    return this.topics.get(name.toLowerCase());
  }

  queue(path: string): MessageQueue | undefined {
    return this.queues.get(path.toLowerCase());
  }

  eventHub(name: string): EventHub | undefined {
    return this.eventHubs.get(name.toLowerCase());
  }

  /** Ends recovery: restored messages become available and due schedules run. */
  open(): void {
    for (const queue of this.queues.values()) queue.open();
    for (const topic of this.topics.values()) topic.schedule.releaseDue();
  }

  /** Stops every timer. */
  close(): void {
    for (const queue of this.queues.values()) queue.close();
    for (const topic of this.topics.values()) topic.close();
  }

  private buildTopic(options: BrokerTopicOptions): Topic {
    const outlets = options.subscriptions.map((subscription): Outlet => ({
      name: subscription.name,
      takes: compileRules(subscription.rules),
      queue: this.buildMessageQueue(`${options.name}/Subscriptions/${subscription.name}`, subscription),
    }));
    const { name, duplicateDetectionWindowMs } = options;
    return new Topic({ name, outlets, duplicateDetectionWindowMs }, this.context);
  }

  private buildQueue(options: BrokerQueueOptions): Topic {
    const { name, duplicateDetectionWindowMs } = options;
    const outlet: Outlet = { name, takes: () => true, queue: this.buildMessageQueue(name, options) };
    return new Topic({ name, outlets: [outlet], duplicateDetectionWindowMs }, this.context);
  }

  private buildMessageQueue(
    path: string,
    options: Omit<SubscriptionOptions, 'rules' | 'name'>,
  ): MessageQueue {
    const lockDurationMs = options.lockDurationMs ?? DEFAULT_LOCK_DURATION_MS;
    const maxDeliveryCount = options.maxDeliveryCount ?? DEFAULT_MAX_DELIVERY_COUNT;
    const limits = { lockDurationMs, maxDeliveryCount };
    const deadLetterQueue = new MessageQueue({ path: `${path}/$DeadLetterQueue`, ...limits }, this.context);
    return new MessageQueue({ path, ...limits, deadLetterQueue }, this.context);
  }
}

function byName<T>(entities: readonly T[], nameOf: (entity: T) => string): Map<string, T> {
  const named = new Map<string, T>();
  for (const entity of entities) {
    const key = nameOf(entity).toLowerCase();
    if (named.has(key))
      throw new TypeError(`Two entities are called '${nameOf(entity)}'. Names differ in more than case.`);
    named.set(key, entity);
  }
  return named;
}
