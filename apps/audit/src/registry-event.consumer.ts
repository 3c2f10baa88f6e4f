import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { type RegistryEvent, registryEventType, subscriptions } from '@pratique/contracts';
import { RetryLater, subscriptionTransport } from '@pratique/messaging';
import { RecordEntry } from './record-entry.js';

const everyEvent = subscriptions.audit.map((name) => registryEventType[name]);

@Controller()
export class RegistryEventConsumer {
  constructor(private readonly record: RecordEntry) {}

  @EventPattern<string[]>(everyEvent, subscriptionTransport('audit'))
  async onEvent(@Payload() event: RegistryEvent): Promise<void> {
    try {
      await this.record.event(event);
    } catch (cause) {
      // An event that follows its contract can be stored, so it is the database that cannot store at present.
      throw new RetryLater('The event could not be written to the audit database.', { cause });
    }
  }
}
