import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { OutcomePublisher } from '@pratique/messaging';
import {
  closeRegistries,
  connectRegistries,
  type RegistryAccess,
  type RegistryConnections,
} from '@pratique/registry-access';
import { FollowEvent } from './follow-event.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';
import { SyncImage } from './sync-image.js';
import { compileRules } from './sync-plan.js';
import type { SyncConfig } from './sync.settings.js';

const connections = Symbol('RegistryConnections');

/** Wires sync together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class SyncModule implements OnApplicationShutdown {
  constructor(@Inject(connections) private readonly registries: RegistryConnections) {}

  /** @param access takes the place of the identities that the configuration names */
  static register(
    config: Pick<SyncConfig, 'registries' | 'sync'>,
    access: RegistryAccess = {},
  ): DynamicModule {
    const rules = compileRules(config.sync);
    return {
      module: SyncModule,
      controllers: [RegistryEventConsumer],
      providers: [
        { provide: connections, useFactory: () => connectRegistries(config.registries, access) },
        {
          provide: FollowEvent,
          useFactory: (registries: RegistryConnections, outcomes: OutcomePublisher) =>
            new FollowEvent({ rules, syncImage: new SyncImage(registries), outcomes }),
          inject: [connections, OutcomePublisher],
        },
      ],
    };
  }

  // Nest calls this when the servers are closed, so no handler uses a connection any more.
  async onApplicationShutdown(): Promise<void> {
    await closeRegistries(this.registries);
  }
}
