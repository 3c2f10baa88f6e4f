import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Registry } from 'prom-client';
import { MessagingClients } from './messaging-clients.js';
import type { MessagingSettings } from './messaging.settings.js';
import { MessagingMetrics } from './messaging-metrics.js';
import { OutcomePublisher } from './outcome.publisher.js';
import { RegistryEventPublisher } from './registry-event.publisher.js';
import { revealTrueErrors } from './reveal-true-errors.js';

/**
 * Gives an application the two publishers and the clients behind them.
 *
 * The clients are closed after the servers: handlers that finish during a shutdown still publish.
 */
@Module({})
export class MessagingModule implements OnApplicationShutdown {
  constructor(
    private readonly clients: MessagingClients,
    modules: ModulesContainer,
  ) {
    revealTrueErrors(modules);
  }

  static forRoot(settings: MessagingSettings): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      providers: [
        {
          provide: MessagingClients,
          useFactory: (registry?: Registry) => new MessagingClients(settings, new MessagingMetrics(registry)),
          // The service's own, at GET /metrics, where there is one.
          inject: [{ token: Registry, optional: true }],
        },
        {
          provide: RegistryEventPublisher,
          useFactory: (clients: MessagingClients) => new RegistryEventPublisher(clients),
          inject: [MessagingClients],
        },
        {
          provide: OutcomePublisher,
          useFactory: (clients: MessagingClients) => new OutcomePublisher(clients),
          inject: [MessagingClients],
        },
      ],
      exports: [MessagingClients, RegistryEventPublisher, OutcomePublisher],
    };
  }

  // Nest calls this when all servers are closed, for a microservice and for a hybrid application alike.
  async onApplicationShutdown(): Promise<void> {
    await this.clients.close();
  }
}
