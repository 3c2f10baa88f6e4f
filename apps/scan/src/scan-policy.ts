import { matcherOf } from '@pratique/config';
import { type RegistryEvent, type RegistryName, registryEventType } from '@pratique/contracts';
import type { AskingCheck, PreparedCheck } from './checks/check.js';
import type { ScanException } from './scan-exception.settings.js';
import type { ScanSection } from './scan.settings.js';

/** A policy of the configuration, ready to be asked. */
export interface ScanPolicy {
  name: string;
  registry: RegistryName;
  applies: (repository: string) => boolean;
  /** Each must report; those that ask others do so when the image has been read. */
  checks: readonly (PreparedCheck | AskingCheck)[];
  /** `observe`: its verdict is told and has no consequence. */
  mode: 'enforce' | 'observe';
  exceptions: readonly ScanException[];
}

export function compilePolicies(section: ScanSection): ScanPolicy[] {
  return section.map(({ repositories, ...policy }) => ({ ...policy, applies: matcherOf(repositories) }));
}

export type ScanDecision =
  | { act: 'scan'; policies: readonly ScanPolicy[] }
  /** The image waits for a verdict, and there is nobody who could give it. */
  | { act: 'refuse'; message: string }
  | { act: 'ignore'; message: string };

/**
 * What to do about an event. Several policies that apply to a repository must all pass.
 *
 * A registry with quarantine sends `quarantine` when an image arrives and `push` when it is released: acting on the second
 * as well would scan everything twice, the second time because of the first. A registry without quarantine sends only
 * `push`, and an Azure registry whose quarantine policy is off sends both, of which one is enough.
 *
 * @param quarantine whether the configuration says so of the event's registry; undefined when it does not know the registry
 */
export function decideScan(
  event: RegistryEvent,
  { quarantine, policies }: { quarantine: boolean | undefined; policies: readonly ScanPolicy[] },
): ScanDecision {
  const { registry, repository } = event.data;
  const waits = event.type === registryEventType.quarantined;
  if (quarantine === undefined) {
    const message = `The registry ${registry} is not in the configuration of scan.`;
    return { act: waits ? 'refuse' : 'ignore', message };
  }
  if (quarantine !== waits) {
    const what = quarantine ? 'quarantined, not pushed' : 'pushed, not quarantined';
    return { act: 'ignore', message: `Images of ${registry} are scanned when they are ${what}.` };
  }
  const matching = policies.filter((policy) => policy.registry === registry && policy.applies(repository));
  if (matching.length > 0) return { act: 'scan', policies: matching };
  const message = `No scan policy applies to ${repository} in ${registry}.`;
  return { act: quarantine ? 'refuse' : 'ignore', message };
}

/** How several policies are named together, where one name is expected. */
export function namesOf(policies: readonly Pick<ScanPolicy, 'name'>[]): string {
  const names = policies.map(({ name }) => name).join(', ');
  return names.length <= 255 ? names : `${names.slice(0, 254)}…`;
}
