import { configPath, loadConfig } from '@pratique/config';
import { runService } from '@pratique/service';
import { z } from 'zod';
import { AuditSettings } from './audit.settings.js';
import { openDatabase } from './database/open-database.js';
import { untilReachable } from './database/until-reachable.js';

/** Brings the tables of the audit database up to date, and ends: for a step of its own before a roll-out. */
await runService(async () => {
  const { audit } = loadConfig(configPath(), z.object({ audit: AuditSettings }));
  const database = await untilReachable(() => openDatabase(audit.database), {
    onWaiting: () => process.stderr.write('The audit database does not answer; it is tried again.\n'),
  });
  await database.destroy();
  process.stdout.write('The tables of the audit database are up to date.\n');
});
