import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { type RegistryEvent, registryEventType, subscriptions } from '@pratique/contracts';
import type { Delivery } from '@pratique/messaging';
import { subscriptionTransport } from '@pratique/messaging';
import { FollowEvent } from './follow-event.js';

const everyEvent = subscriptions.scan.map((name) => registryEventType[name]);

/** The door of scan: what the topic brings. */
@Controller()
export class RegistryEventConsumer {
  constructor(private readonly followEvent: FollowEvent) {}

  @EventPattern<string[]>(everyEvent, subscriptionTransport('scan'))
  async onEvent(@Payload() event: RegistryEvent, @Ctx() delivery: Delivery): Promise<void> {
    await this.followEvent.follow(event, delivery);
  }
}
