import { MessagingSettings } from '@pratique/messaging';
import { RegistriesSection } from '@pratique/registries';
import { HttpSettings } from '@pratique/service';
import { z } from 'zod';

/** What ingress reads of `pratique.yaml`. */
export const IngressConfig = z.object({
  registries: RegistriesSection,
  messaging: MessagingSettings,
  http: HttpSettings,
});
export type IngressConfig = z.output<typeof IngressConfig>;
