import type { EventHubDeclaration } from '../messaging-topology.js';
import type { TopologyFinding } from './topology-finding.js';
import type { ActualEventHub } from './topology-state.js';

/**
 * What is missing of an event hub. None of it can be changed through Event Hubs itself: its entities are made through
 * Azure Resource Manager, so the mend is a command for the Azure CLI.
 */
export function compareEventHub(
  declared: EventHubDeclaration,
  actual: ActualEventHub | undefined,
  namespace: string,
): TopologyFinding[] {
  const entity = `event hub ${declared.name}`;
  const groups = declared.consumerGroups.filter((group) => actual?.consumerGroups.includes(group) !== true);
  const missing = groups.map((group): TopologyFinding => ({
    entity: `consumer group ${declared.name}/${group}`,
    problem: 'does not exist',
    mend: createGroup({ hub: declared.name, group, namespace }),
  }));
  if (actual === undefined) {
    return [{ entity, problem: 'does not exist', mend: createHub(declared, namespace) }, ...missing];
  }
  if (actual.partitions < declared.partitions) {
    const problem = `has ${partitions(actual.partitions)} instead of ${declared.partitions}`;
    const mend =
      'outside of the premium tier that cannot be changed: it works, only with fewer readers at a time';
    return [{ entity, problem, mend }, ...missing];
  }
  return missing;
}

function partitions(count: number): string {
  return count === 1 ? '1 partition' : `${count} partitions`;
}

// https://learn.microsoft.com/cli/azure/eventhubs/eventhub
function createHub({ name, partitions: count }: EventHubDeclaration, namespace: string): string {
  return `az eventhubs eventhub create ${inNamespace(namespace)} --name ${name} --partition-count ${count}`;
}

function createGroup({ hub, group, namespace }: { hub: string; group: string; namespace: string }): string {
  return `az eventhubs eventhub consumer-group create ${inNamespace(namespace)} --eventhub-name ${hub} --name ${group}`;
}

function inNamespace(namespace: string): string {
  const [name = namespace] = namespace.split('.', 1);
  return `--resource-group <group> --namespace-name ${name}`;
}
