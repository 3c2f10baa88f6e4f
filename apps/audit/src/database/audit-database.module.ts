import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import type { DatabaseSettings } from '../audit.settings.js';
import { type AuditDatabase, connectDatabase, migrateDatabase } from './open-database.js';
import { untilReachable } from './until-reachable.js';

/** What to ask Nest for to get the {@link AuditDatabase}, which is an interface at run time. */
export const auditDatabase = Symbol('AuditDatabase');

const logger = new Logger('AuditDatabase');

/**
 * Opens the database before anything is served, waiting for its server as long as it takes, and closes it after everything
 * that writes has stopped.
 */
@Module({})
export class AuditDatabaseModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(@Inject(auditDatabase) private readonly database: AuditDatabase) {}

  static register(settings: DatabaseSettings): DynamicModule {
    const onIdleError = (error: Error): void => {
      logger.warn({ msg: 'An idle connection to the audit database broke; it is replaced', err: error });
    };
    return {
      module: AuditDatabaseModule,
      providers: [{ provide: auditDatabase, useFactory: () => connectDatabase(settings, { onIdleError }) }],
      exports: [auditDatabase],
    };
  }

  // Whatever reads or writes starts in a later step than this.
  async onModuleInit(): Promise<void> {
    await untilReachable(() => migrateDatabase(this.database), {
      signal: this.stopping.signal,
      onWaiting: (error) =>
        logger.warn({ msg: 'The audit database does not answer; audit starts when it does', err: error }),
    });
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.destroy();
  }
}
