import type { RegistryHost } from '@pratique/contracts';
import { HostManners } from '@pratique/oci';
import type { RegistrySettings } from '@pratique/registries';
import { registryLimits } from './registry-limits.js';

/**
 * The manners towards each host, whatever number of registries of the configuration, directions and identities reach it: a
 * registry counts what comes from us together.
 */
export class RegistryManners {
  readonly #byHost = new Map<RegistryHost, HostManners>();

  towards(settings: RegistrySettings): HostManners {
    const { host } = settings;
    const { budgets } = registryLimits(settings);
    const known = this.#byHost.get(host) ?? new HostManners(host, budgets && { budgets });
    this.#byHost.set(host, known);
    return known;
  }
}
