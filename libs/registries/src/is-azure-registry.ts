import type { RegistrySettings } from './registries-section.js';

/** A registry of Azure, whichever way its events come. */
export type AzureRegistrySettings = Extract<RegistrySettings, { kind: 'acr' | 'acr-event-grid' }>;

/** Whether a registry is one of Azure, with its identities, quarantine and imports. */
export function isAzureRegistry(settings: RegistrySettings): settings is AzureRegistrySettings {
  return settings.kind === 'acr' || settings.kind === 'acr-event-grid';
}
