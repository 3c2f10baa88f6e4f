import { configPath, loadConfig } from '@pratique/config';
import { runService } from '@pratique/service';
import { AuditConfig } from './audit.settings.js';
import { startAudit } from './audit-service.js';

await runService(() => startAudit(loadConfig(configPath(), AuditConfig)));
