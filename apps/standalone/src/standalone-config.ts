import { loadConfigs, type LoadOptions } from '@pratique/config';
import { AuditConfig } from '../../audit/src/audit.settings.js';
import { IngressConfig } from '../../ingress/src/ingress.settings.js';
import { ScanConfig } from '../../scan/src/scan.settings.js';
import { SyncConfig } from '../../sync/src/sync.settings.js';

export interface StandaloneConfig {
  ingress: IngressConfig;
  scan: ScanConfig;
  sync: SyncConfig;
  audit: AuditConfig;
}

/**
 * Loads what each service reads of the file.
 *
 * @throws ConfigError with the findings of all of them, each once
 */
export function loadStandaloneConfig(
  path: string,
  defaults: NonNullable<LoadOptions['defaults']>,
): StandaloneConfig {
  const schemas = { ingress: IngressConfig, scan: ScanConfig, sync: SyncConfig, audit: AuditConfig };
  return loadConfigs(path, schemas, { defaults });
}
