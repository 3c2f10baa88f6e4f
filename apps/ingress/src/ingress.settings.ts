import { MessagingSettings } from '@pratique/messaging';
import { RegistriesSection } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { TelemetrySettings } from '@pratique/telemetry';
import { z } from 'zod';
import { JournalSettings } from './journal/journal.settings.js';

/** What ingress reads of `pratique.yaml`. */
export const IngressConfig = z.object({
  registries: RegistriesSection,
  messaging: MessagingSettings,
  http: HttpSettings,
  telemetry: TelemetrySettings,
  journal: JournalSettings.optional(),
});
export type IngressConfig = z.output<typeof IngressConfig>;
