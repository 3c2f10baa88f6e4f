import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import {
  closeRegistries,
  connectRegistries,
  type RegistryAccess,
  type RegistryConnections,
} from '@pratique/registry-access';
import { type CompiledRule, compileRules } from './compiled-rule.js';
import { CopiesController } from './copies.controller.js';
import { FollowEvent } from './follow-event.js';
import { Reconcile } from './reconcile/reconcile.js';
import { ReconcileSchedule } from './reconcile/reconcile-schedule.js';
import { ReconcileSettings } from './reconcile/reconcile.settings.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';
import { RunningCopies } from './running-copies.js';
import { SyncImage } from './sync-image.js';
import type { SyncConfig } from './sync.settings.js';

const connections = Symbol('RegistryConnections');

type Config = Pick<SyncConfig, 'registries' | 'sync'> & Partial<Pick<SyncConfig, 'reconcile'>>;

/** Wires sync together. The publishers come from the application's `MessagingModule`. */
@Module({})
export class SyncModule implements OnApplicationShutdown {
  constructor(@Inject(connections) private readonly registries: RegistryConnections) {}

  /**
   * @param config without `reconcile`, nothing is compared but on demand
   * @param access takes the place of the identities that the configuration names
   */
  static register(config: Config, access: RegistryAccess = {}): DynamicModule {
    const rules = compileRules(config.sync);
    const settings = config.reconcile ?? ReconcileSettings.parse({ schedule: 'off', settleSeconds: 0 });
    return {
      module: SyncModule,
      controllers: [RegistryEventConsumer, CopiesController],
      providers: [
        { provide: connections, useFactory: () => connectRegistries(config.registries, access) },
        RunningCopies,
        followEvent(rules),
        reconcile(rules, settings),
        {
          provide: ReconcileSchedule,
          useFactory: (each: Reconcile) => new ReconcileSchedule(each, settings),
          inject: [Reconcile],
        },
      ],
      exports: [RunningCopies],
    };
  }

  // Nest calls this when the servers are closed, so no handler uses a connection any more.
  async onApplicationShutdown(): Promise<void> {
    await closeRegistries(this.registries);
  }
}

function followEvent(rules: readonly CompiledRule[]): Provider {
  return {
    provide: FollowEvent,
    useFactory: (registries: RegistryConnections, outcomes: OutcomePublisher, running: RunningCopies) =>
      new FollowEvent({
        ...{ rules, connections: registries, outcomes },
        syncImage: new SyncImage(registries, { running }),
      }),
    inject: [connections, OutcomePublisher, RunningCopies],
  };
}

function reconcile(rules: readonly CompiledRule[], settings: ReconcileSettings): Provider {
  return {
    provide: Reconcile,
    useFactory: (registries: RegistryConnections, events: RegistryEventPublisher) =>
      new Reconcile({ ...{ rules, settings, events }, connections: registries }),
    inject: [connections, RegistryEventPublisher],
  };
}
