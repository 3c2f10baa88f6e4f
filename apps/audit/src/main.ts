import { configPath, loadConfig } from '@pratique/config';
import { AuditConfig } from './audit.settings.js';
import { startAudit } from './audit-service.js';

await startAudit(loadConfig(configPath(), AuditConfig));
