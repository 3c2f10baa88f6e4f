import { matcherOf } from '@pratique/config';
import type { RegistryName } from '@pratique/contracts';
import type { RescanSection } from './rescan.settings.js';

/** A rule of the configuration, ready to be asked. */
export interface RescanRule extends Omit<RescanSection[number], 'repositories'> {
  applies: (repository: string) => boolean;
}

export function compileRescanRules(section: RescanSection): RescanRule[] {
  return section.map(({ repositories, ...rule }) => ({ ...rule, applies: matcherOf(repositories) }));
}

/** What becomes of an image that was released and no longer passes. Without a rule nothing that fails stays open. */
export function onFailureOf(
  rules: readonly RescanRule[],
  { registry, repository }: { registry: RegistryName; repository: string },
): RescanRule['onFailure'] {
  const matching = rules.filter((rule) => rule.registry === registry && rule.applies(repository));
  const reported = matching.length > 0 && matching.every(({ onFailure }) => onFailure === 'report');
  return reported ? 'report' : 'quarantine';
}
