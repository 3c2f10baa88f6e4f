import { type DynamicModule, Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { MetricsController } from './metrics.controller.js';

/**
 * One registry of metrics for each service, and not the process's: several services may run in one process, and tests do.
 * A module adds its own metrics by injecting prom-client's `Registry`.
 */
@Module({})
export class MetricsModule {
  static register(service: string): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      controllers: [MetricsController],
      providers: [{ provide: Registry, useFactory: () => registryOf(service) }],
      exports: [Registry],
    };
  }
}

function registryOf(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  // Memory, event loop lag, garbage collection, file descriptors.
  collectDefaultMetrics({ register: registry });
  return registry;
}
