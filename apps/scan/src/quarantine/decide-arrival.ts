import { type RegistryEvent, registryEventType } from '@pratique/contracts';
import { isReferrersList } from '../referrers-list.js';
import { decideScan, type ScanDecision, type ScanPolicy } from '../scan-policy.js';
import type { Quarantine } from './quarantine.js';

export interface Arrival {
  /** Whether the configuration knows the registry of the event. */
  known: boolean;
  quarantine: Quarantine | undefined;
  policies: readonly ScanPolicy[];
}

/** What to do about an event, wherever the image waits: policies know it by the name under which it will be pulled. */
export function decideArrival(event: RegistryEvent, { known, quarantine, policies }: Arrival): ScanDecision {
  if (isReferrersList(event)) {
    return { act: 'ignore', message: 'It is a list of what is attached to an image, and no image.' };
  }
  const { repository, registry } = event.data;
  const name = quarantine === undefined ? repository : quarantine.destination(repository);
  if (name === undefined) {
    return {
      act: 'ignore',
      message: `Images of ${registry} wait in its staging area, not in ${repository}.`,
    };
  }
  const decision = decideScan({ ...event, data: { ...event.data, repository: name } } as RegistryEvent, {
    quarantine: known ? quarantine?.announcedBy === 'quarantined' : undefined,
    policies,
  });
  const waits = quarantine?.announcedBy === 'pushed' && event.type === registryEventType.pushed;
  return decision.act === 'ignore' && waits ? { act: 'refuse', message: decision.message } : decision;
}
