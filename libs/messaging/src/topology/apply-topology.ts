import type { MessagingSettings } from '../messaging.settings.js';
import { administering } from './administration-call.js';
import { changeTopology } from './change-topology.js';
import {
  administrationOf,
  checkTopology,
  type TopologyOptions,
  type TopologyReport,
} from './check-topology.js';
import { brokerHost } from './connect-administration.js';
import { TopologyError } from './topology-error.js';

export interface AppliedTopology extends TopologyReport {
  /** What was done, in order: `{ entity: 'topic registry-events', done: 'created' }`. */
  changes: { entity: string; done: 'created' | 'updated' | 'deleted' }[];
}

/**
 * Makes what is missing on Service Bus, and changes what differs. Findings that are left are for a person: everything of
 * Event Hubs, which is made through Azure Resource Manager, and what only a new entity could have.
 *
 * May be run again, and by several at once: what exists already is left as it is.
 *
 * @throws TopologyError `declared-elsewhere` for an emulator without an administration API
 */
export async function applyTopology(
  settings: MessagingSettings,
  options: TopologyOptions = {},
): Promise<AppliedTopology> {
  const administration = administrationOf(settings, options);
  if (administration === undefined) throw new TopologyError('declared-elsewhere', declaredElsewhere);
  const host = brokerHost(settings.serviceBus);
  const changes: AppliedTopology['changes'] = [];
  const { findings, ...report } = await checkTopology(settings, options);
  for (const { entity, change } of findings) {
    if (change === undefined) continue;
    options.onProgress?.(entity);
    changes.push({ entity, done: await administering(host, () => changeTopology(administration, change)) });
  }
  return { ...report, changes, findings: findings.filter(({ change }) => change === undefined) };
}

const declaredElsewhere =
  'This broker is a development emulator, which makes its entities from a declaration when it starts: Pratique’s own has ' +
  'them all from the beginning; give Microsoft’s the output of pratique topology print --emulator-config, or name its ' +
  'administration port with --management-port 5300';
