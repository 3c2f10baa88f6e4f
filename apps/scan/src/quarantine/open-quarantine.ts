import type { RegistryConnection } from '@pratique/registry-access';
import { azureQuarantine } from './azure-quarantine.js';
import type { Quarantine } from './quarantine.js';
import type { StagingSection } from './staging.settings.js';
import { stagingQuarantine } from './staging-quarantine.js';

/** The quarantine of a registry, whichever way it has one; undefined where images are pullable as soon as they are pushed. */
export function openQuarantine(
  { settings, client, quarantine }: RegistryConnection,
  staging: StagingSection = [],
): Quarantine | undefined {
  if (quarantine !== undefined) return azureQuarantine(quarantine);
  const area = staging.find(({ registry }) => registry === settings.name);
  return area && stagingQuarantine(client, area.prefix);
}
