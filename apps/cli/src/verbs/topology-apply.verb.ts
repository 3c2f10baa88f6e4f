import { applyTopology } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { findingLines } from '../finding-lines.js';
import { managementPort, managementPortOption } from '../management-port.js';
import { defineVerb } from '../verb.js';

export const topologyApplyVerb = defineVerb({
  name: 'topology apply',
  summary: 'make what is missing on Service Bus, and change what differs',
  description: `
Creates the topic and the subscriptions with their rules, puts settings and rules right, and takes the rule $Default
away, which would let everything in. A new rule is added before an old one goes, so that no message falls between. It
may be run again, and by several at once. Nothing is deleted but $Default: rules of others, and what only a new entity
could have, are named and left to you.

An event hub is made through Azure Resource Manager and not through Event Hubs itself: what is missing there is named
with the command of the Azure CLI that makes it. The identity needs the role Azure Service Bus Data Owner.`,
  options: { ...brokerOptions, 'management-port': managementPortOption },
  examples: [
    'pratique topology apply --config pratique.yaml',
    'pratique topology apply --management-port 5300      on Microsoft’s Service Bus emulator',
  ],
  exitCodes: { 0: 'everything is as declared now', 1: 'something is left to you, or was refused' },
  run: async ({ 'management-port': port, ...broker }, console) => {
    const managed = managementPort(port);
    const progress = console.progress('looked at or changed');
    let seen = 0;
    const report = await applyTopology(brokerSettings(broker), {
      managementPort: managed,
      onProgress: () => progress.at((seen += 1)),
    }).finally(() => progress.end());
    const { changes, findings } = report;
    const left = findings.length === 0 ? 'Everything is as declared.' : `${findings.length} left to you.`;
    return {
      exitCode: findings.length === 0 ? 0 : 1,
      document: report,
      lines: [
        ...changes.map(({ entity, done }) => `${entity} ${done}`),
        ...findingLines(report),
        changes.length === 0 ? `Nothing had to be changed. ${left}` : `${changes.length} changed. ${left}`,
      ],
    };
  },
});
