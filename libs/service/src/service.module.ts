import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { HealthController } from './health.controller.js';
import { MetricsModule } from './metrics.module.js';
import { Readiness } from './readiness.js';
import { type LogOptions, serviceLogs } from './service-logs.js';

export interface ServiceModuleOptions {
  name: string;
  modules: NonNullable<ModuleMetadata['imports']>;
  logs: LogOptions;
}

/** The root of every service: its own modules, with logs, health and metrics around them. */
@Module({})
export class ServiceModule {
  static register({ name, modules, logs }: ServiceModuleOptions): DynamicModule {
    return {
      module: ServiceModule,
      imports: [LoggerModule.forRoot(serviceLogs(name, logs)), MetricsModule.register(name), ...modules],
      controllers: [HealthController],
      providers: [Readiness],
    };
  }
}
