import { Controller, Logger } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { ImageApproved, ImageCleared, ImageDeleted, ImagePushed } from '@pratique/contracts';
import { type RegistryEvent, registryEventType, type RegistryEventType } from '@pratique/contracts';
import type { Delivery } from '@pratique/messaging';
import { subscriptionTransport } from '@pratique/messaging';
import { FollowEvent } from './follow-event.js';

const sync = subscriptionTransport('sync');

/** The door of sync: what the topic brings. */
@Controller()
export class RegistryEventConsumer {
  private readonly logger = new Logger(RegistryEventConsumer.name);

  constructor(private readonly followEvent: FollowEvent) {}

  @EventPattern<RegistryEventType>(registryEventType.pushed, sync)
  async onPushed(@Payload() event: ImagePushed, @Ctx() delivery: Delivery): Promise<void> {
    await this.#follow(event, delivery);
  }

  @EventPattern<RegistryEventType>(registryEventType.cleared, sync)
  async onCleared(@Payload() event: ImageCleared, @Ctx() delivery: Delivery): Promise<void> {
    await this.#follow(event, delivery);
  }

  @EventPattern<RegistryEventType>(registryEventType.approved, sync)
  async onApproved(@Payload() event: ImageApproved, @Ctx() delivery: Delivery): Promise<void> {
    await this.#follow(event, delivery);
  }

  /** What disappears at a source stays at its targets: a deletion there must not take a running system's images away. */
  @EventPattern<RegistryEventType>(registryEventType.deleted, sync)
  onDeleted(@Payload() event: ImageDeleted): void {
    this.logger.debug({ msg: 'A deletion changes nothing at the targets', subject: event.subject });
  }

  async #follow(event: RegistryEvent, delivery: Delivery): Promise<void> {
    await this.followEvent.follow(event, delivery);
  }
}
