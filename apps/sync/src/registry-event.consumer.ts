import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { ImageApproved, ImageCleared, ImageDeleted, ImagePushed } from '@pratique/contracts';
import { type RegistryEvent, registryEventType, type RegistryEventType } from '@pratique/contracts';
import type { Delivery } from '@pratique/messaging';
import { subscriptionTransport } from '@pratique/messaging';
import { FollowEvent } from './follow-event.js';
import { NoteRestarts } from './reconcile/note-restarts.js';
import { ReconcileSchedule } from './reconcile/reconcile-schedule.js';

const sync = subscriptionTransport('sync');

/** The door of sync: what the topic brings. */
@Controller()
export class RegistryEventConsumer {
  readonly #restarts = new NoteRestarts();

  constructor(
    private readonly followEvent: FollowEvent,
    private readonly schedule: ReconcileSchedule,
  ) {}

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

  /** Changes nothing where no rule says `delete: mirror`. */
  @EventPattern<RegistryEventType>(registryEventType.deleted, sync)
  async onDeleted(@Payload() event: ImageDeleted, @Ctx() delivery: Delivery): Promise<void> {
    await this.#follow(event, delivery);
  }

  async #follow(event: RegistryEvent, delivery: Delivery): Promise<void> {
    const { registry } = event.data;
    // Not waited for: it takes longer than an event may.
    if (this.#restarts.isNews(event.data)) void this.schedule.request('registry-restarted', registry);
    await this.followEvent.follow(event, delivery);
  }
}
