import type { INestApplication } from '@nestjs/common';
import { connectSubscriptions, MessagingModule } from '@pratique/messaging';
import { type RunningService, type ServiceOptions, startService } from '@pratique/service';
import { sql } from 'kysely';
import { AuditModule } from './audit.module.js';
import type { AuditConfig } from './audit.settings.js';
import { auditDatabase } from './database/audit-database.module.js';
import type { AuditDatabase } from './database/open-database.js';

/** Starts audit as a service of its own. */
export function startAudit(
  config: AuditConfig,
  options: Pick<ServiceOptions, 'logs' | 'signals'> = {},
): Promise<RunningService> {
  return startService({
    ...options,
    name: 'audit',
    http: config.http,
    telemetry: config.telemetry,
    modules: [MessagingModule.forRoot(config.messaging), AuditModule.register(config)],
    connect: (app) => void connectSubscriptions(app, ['audit']),
    readiness: (app) => [{ name: 'database', check: () => askDatabase(app) }],
  });
}

async function askDatabase(app: INestApplication): Promise<void> {
  await sql`select 1`.execute(app.get<AuditDatabase>(auditDatabase, { strict: false }));
}
