import { AuditConfig } from '../../audit/src/audit.settings.js';
import { IngressConfig } from '../../ingress/src/ingress.settings.js';
import { ScanConfig } from '../../scan/src/scan.settings.js';
import { SyncConfig } from '../../sync/src/sync.settings.js';

/** What each service reads of `pratique.yaml`. */
export const serviceConfigs = {
  ingress: IngressConfig,
  scan: ScanConfig,
  sync: SyncConfig,
  audit: AuditConfig,
};
export type ServiceName = keyof typeof serviceConfigs;

/**
 * What stands for the sections that a file may leave out because `npm start` brings its own: a broker and a database.
 * Nothing is ever connected with these.
 */
export const broughtByStandalone = {
  registries: [],
  scan: [],
  sync: [],
  messaging: {
    serviceBus: { namespace: 'local.invalid', identity: 'default' },
    eventHubs: { namespace: 'local.invalid', identity: 'default' },
  },
  audit: { database: { memory: true } },
};
