import { ConfigError, type ConfigProblem, loadConfig, type LoadOptions } from '@pratique/config';
import type { z } from 'zod';
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
  const problems = new Map<string, ConfigProblem>();
  const load = <S extends z.ZodType>(schema: S): z.output<S> | undefined => {
    try {
      return loadConfig(path, schema, { defaults });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.set(JSON.stringify(problem), problem);
      return undefined;
    }
  };
  const ingress = load(IngressConfig);
  const scan = load(ScanConfig);
  const sync = load(SyncConfig);
  const audit = load(AuditConfig);
  if (ingress && scan && sync && audit) return { ingress, scan, sync, audit };
  throw new ConfigError(path, [...problems.values()]);
}
