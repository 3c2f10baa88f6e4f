import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import {
  closeRegistries,
  connectRegistries,
  type RegistryAccess,
  type RegistryConnections,
} from '@pratique/registry-access';
import { FollowEvent } from './follow-event.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';
import type { ScanConfig } from './scan.settings.js';
import { compilePolicies } from './scan-policy.js';
import { openScanners } from './scanners/scanners.js';

const connections = Symbol('RegistryConnections');

/** Wires scan together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class ScanModule implements OnApplicationShutdown {
  constructor(@Inject(connections) private readonly registries: RegistryConnections) {}

  /** @param access takes the place of the identities that the configuration names */
  static register(
    config: Pick<ScanConfig, 'registries' | 'scan' | 'scanLimits'> & Partial<Pick<ScanConfig, 'scanners'>>,
    access: RegistryAccess = {},
  ): DynamicModule {
    const policies = compilePolicies(config.scan);
    const scanners = openScanners(config.scanners ?? []);
    return {
      module: ScanModule,
      controllers: [RegistryEventConsumer],
      providers: [
        { provide: connections, useFactory: () => connectRegistries(config.registries, access) },
        {
          provide: FollowEvent,
          useFactory: (
            registries: RegistryConnections,
            outcomes: OutcomePublisher,
            events: RegistryEventPublisher,
          ) =>
            new FollowEvent({
              policies,
              connections: registries,
              outcomes,
              events,
              limits: config.scanLimits,
              scanners,
            }),
          inject: [connections, OutcomePublisher, RegistryEventPublisher],
        },
      ],
    };
  }

  // Nest calls this when the servers are closed, so no handler uses a connection any more.
  async onApplicationShutdown(): Promise<void> {
    await closeRegistries(this.registries);
  }
}
