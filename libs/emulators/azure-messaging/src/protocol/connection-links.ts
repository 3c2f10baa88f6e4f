import type { Broker } from '../engine/broker.js';
import type { Clock } from '../engine/clock.js';
import { AmqpError, amqpErrorFields, entityNotFound, notImplemented } from './amqp-error.js';
import { cbsNode } from './cbs-node.js';
import { ConnectionAccess } from './connection-access.js';
import { type ManagedEntity, entityManagement } from './entity-management.js';
import { type EntityAddress, parseEntityAddress } from './entity-address.js';
import { EventReceiver } from './event-receiver.js';
import { eventSender } from './event-sender.js';
import { hubManagement } from './hub-management.js';
import { type DeliveryHandler, openIncomingLink } from './incoming-link.js';
import type { Interceptor } from './interceptor.js';
import { messageSender } from './message-sender.js';
import { QueueReceiver } from './queue-receiver.js';
import { type NodeHandler, RequestReplyNodes } from './request-reply.js';
import type { RheaContext, RheaReceiver, RheaSender, RheaSession } from './rhea-endpoints.js';
import type { SharedAccessKey } from './sas-token.js';

export interface LinkSurroundings {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly key: SharedAccessKey;
  readonly interceptor: Interceptor | undefined;
}

type RheaEnd = RheaSender | RheaReceiver;

/** Links of one connection; no client of ours comes near this. */
const MAX_LINKS = 5000;
const SESSION_FILTER = 'com.microsoft:session-filter';

/** Opens the links of one connection according to their addresses, and ends them when they or what carries them ends. */
export class ConnectionLinks {
  private readonly nodes = new RequestReplyNodes();
  private readonly access: ConnectionAccess;
  private readonly endings = new Map<RheaEnd, () => void>();

  constructor(private readonly surroundings: LinkSurroundings) {
    this.access = new ConnectionAccess(surroundings.key);
  }

  /** The client attached a receiver. */
  openSender({ sender }: RheaContext): void {
    if (sender === undefined) return;
    this.open(sender, () => {
      const address = sender.source?.address ?? '';
      const end = this.beginSending(sender, address);
      sender.local.attach.snd_settle_mode = sender.snd_settle_mode ?? 2;
      sender.set_source({ address });
      sender.set_target({ address: sender.target?.address ?? null });
      return end;
    });
  }

  /** The client attached a sender. */
  openReceiver({ receiver }: RheaContext): void {
    if (receiver === undefined) return;
    this.open(receiver, () => {
      const address = receiver.target?.address ?? '';
      this.beginReceiving(receiver, address);
      receiver.set_source({ address: receiver.source?.address ?? null });
      receiver.set_target({ address });
      return () => undefined;
    });
  }

  endLink(link: RheaEnd | undefined): void {
    if (link === undefined) return;
    this.endings.get(link)?.();
    this.endings.delete(link);
  }

  endSession(session: RheaSession): void {
    for (const link of [...this.endings.keys()]) if (link.session === session) this.endLink(link);
  }

  endAll(): void {
    for (const link of [...this.endings.keys()]) this.endLink(link);
  }

  /** A refused attach is answered by an attach without source and target, and a detach with the reason. */
  private open(link: RheaEnd, begin: () => () => void): void {
    try {
      if (this.endings.size >= MAX_LINKS)
        throw new AmqpError('amqp:resource-limit-exceeded', 'Too many links.');
      this.endings.set(link, begin());
      link.local.attach.rcv_settle_mode = link.rcv_settle_mode ?? 0;
    } catch (error) {
      link.close(amqpErrorFields(error));
    }
  }

  private beginSending(sender: RheaSender, address: string): () => void {
    const entity = parseEntityAddress(address);
    if (entity.kind === 'cbs') return this.nodes.openReplies(sender);
    this.checkAccess(entity, address);
    if (entity.kind === 'hub-management' || entity.kind === 'entity-management')
      return this.nodes.openReplies(sender);
    const receiver =
      entity.kind === 'hub-reader' ? this.eventReceiver(sender, entity) : this.queueReceiver(sender, address);
    return () => receiver.end();
  }

  private eventReceiver(sender: RheaSender, address: EntityAddress & { kind: 'hub-reader' }): EventReceiver {
    const { broker, interceptor, clock } = this.surroundings;
    const hub = broker.eventHub(address.hub);
    if (hub === undefined) throw entityNotFound(address.hub);
    const { consumerGroup, partition } = address;
    return new EventReceiver(sender, { hub, consumerGroup, partition, interceptor, now: () => clock.now() });
  }

  private queueReceiver(sender: RheaSender, address: string): QueueReceiver {
    const entity = parseEntityAddress(address);
    const queue = entity.kind === 'entity' ? this.surroundings.broker.queue(entity.entity) : undefined;
    if (queue === undefined) throw entityNotFound(address);
    if (sender.source?.filter && SESSION_FILTER in sender.source.filter) throw notImplemented('sessions');
    return new QueueReceiver(sender, queue, this.surroundings.interceptor);
  }

  private beginReceiving(receiver: RheaReceiver, address: string): void {
    const entity = parseEntityAddress(address);
    if (entity.kind !== 'cbs') this.checkAccess(entity, address);
    const node = this.nodeFor(entity);
    if (node !== undefined) {
      this.nodes.openRequests(receiver, node);
      return;
    }
    const handler = this.senderFor(entity);
    if (handler === undefined) throw entityNotFound(address);
    openIncomingLink(receiver, handler);
  }

  private nodeFor(address: EntityAddress): NodeHandler | undefined {
    const { broker, interceptor } = this.surroundings;
    if (address.kind === 'cbs') return cbsNode(this.access);
    if (address.kind === 'hub-management') return hubManagement(broker);
    if (address.kind !== 'entity-management') return undefined;
    const entity: ManagedEntity = {
      path: address.entity,
      topic: broker.topic(address.entity),
      queue: broker.queue(address.entity),
    };
    if (entity.topic === undefined && entity.queue === undefined) throw entityNotFound(address.entity);
    return entityManagement(entity, interceptor);
  }

  private senderFor(address: EntityAddress): DeliveryHandler | undefined {
    const { broker, interceptor } = this.surroundings;
    if (address.kind === 'hub-partition') {
      const hub = broker.eventHub(address.hub);
      hub?.partition(address.partition);
      return hub && eventSender(hub, { partition: address.partition, interceptor });
    }
    if (address.kind !== 'entity') return undefined;
    const topic = broker.topic(address.entity);
    if (topic !== undefined) return messageSender(topic, interceptor);
    const hub = broker.eventHub(address.entity);
    return hub && eventSender(hub, { interceptor });
  }

  private checkAccess(entity: EntityAddress, address: string): void {
    if (entity.kind === 'hub-management') this.access.checkHubManagement();
    else this.access.check(address);
  }
}
