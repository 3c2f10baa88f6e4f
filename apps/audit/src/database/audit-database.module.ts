import { type DynamicModule, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { DatabaseSettings } from '../audit.settings.js';
import { type AuditDatabase, openDatabase } from './open-database.js';

/** What to ask Nest for to get the {@link AuditDatabase}, which is an interface at run time. */
export const auditDatabase = Symbol('AuditDatabase');

/** Opens the database before anything is served, and closes it after everything that writes has stopped. */
@Module({})
export class AuditDatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(auditDatabase) private readonly database: AuditDatabase) {}

  static register(settings: DatabaseSettings): DynamicModule {
    const logger = new Logger('AuditDatabase');
    const onIdleError = (error: Error): void => {
      logger.warn({ msg: 'An idle connection to the audit database broke; it is replaced', err: error });
    };
    return {
      module: AuditDatabaseModule,
      providers: [{ provide: auditDatabase, useFactory: () => openDatabase(settings, { onIdleError }) }],
      exports: [auditDatabase],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.destroy();
  }
}
