import { MessagingSettings } from '@pratique/messaging';
import { RegistriesSection } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { TelemetrySettings } from '@pratique/telemetry';
import { z } from 'zod';
import { checkSyncRules } from './check-sync-rules.js';
import { SyncSection } from './sync-rule.js';
import { TrustSection } from './trust-section.js';

/** The sections of `pratique.yaml` that sync reads. */
export const SyncConfig = z
  .object({
    trust: TrustSection.optional(),
    registries: RegistriesSection,
    sync: SyncSection,
    messaging: MessagingSettings,
    http: HttpSettings,
    telemetry: TelemetrySettings,
  })
  .superRefine(checkSyncRules);
export type SyncConfig = z.infer<typeof SyncConfig>;
