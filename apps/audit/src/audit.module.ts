import { type DynamicModule, Module } from '@nestjs/common';
import type { AuditConfig } from './audit.settings.js';
import { auditDatabase, AuditDatabaseModule } from './database/audit-database.module.js';
import type { AuditDatabase } from './database/open-database.js';
import { EntryStore } from './entry-store.js';
import { ListEntriesController } from './list-entries.controller.js';
import { OutcomeConsumer } from './outcome.consumer.js';
import { PositionStore } from './position-store.js';
import { RecordEntry } from './record-entry.js';
import { RegistryEventConsumer } from './registry-event.consumer.js';

@Module({})
export class AuditModule {
  static register({ audit }: Pick<AuditConfig, 'audit'>): DynamicModule {
    return {
      module: AuditModule,
      imports: [AuditDatabaseModule.register(audit.database)],
      controllers: [ListEntriesController, RegistryEventConsumer],
      providers: [
        {
          provide: EntryStore,
          useFactory: (database: AuditDatabase) => new EntryStore(database),
          inject: [auditDatabase],
        },
        {
          provide: PositionStore,
          useFactory: (database: AuditDatabase) => new PositionStore(database),
          inject: [auditDatabase],
        },
        RecordEntry,
        OutcomeConsumer,
      ],
      exports: [EntryStore],
    };
  }
}
