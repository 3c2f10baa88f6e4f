import { MessagingSettings } from '@pratique/messaging';
import { RegistriesSection } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { TelemetrySettings } from '@pratique/telemetry';
import { z } from 'zod';
import { checkSyncRules } from './check-sync-rules.js';
import { ReconcileSettings } from './reconcile/reconcile.settings.js';
import { SyncSection } from './sync-rule.js';
import { TrustSection } from './trust-section.js';

/** The sections of `pratique.yaml` that sync reads. */
export const SyncConfig = z
  .object({
    trust: TrustSection.optional(),
    registries: RegistriesSection,
    sync: SyncSection,
    reconcile: ReconcileSettings.prefault({}),
    messaging: MessagingSettings,
    http: HttpSettings,
    telemetry: TelemetrySettings,
  })
  .superRefine(checkSyncRules);
export type SyncConfig = z.infer<typeof SyncConfig>;

/** The part of it that says what would be copied, for those who only look. */
export const SyncRulesConfig = z
  .object({ trust: TrustSection.optional(), registries: RegistriesSection, sync: SyncSection })
  .superRefine(checkSyncRules);
export type SyncRulesConfig = z.infer<typeof SyncRulesConfig>;
