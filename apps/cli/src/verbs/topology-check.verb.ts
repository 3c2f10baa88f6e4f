import { checkTopology } from '@pratique/messaging';
import { brokerOptions, brokerSettings } from '../broker-settings.js';
import { findingLines } from '../finding-lines.js';
import { managementPort, managementPortOption } from '../management-port.js';
import { defineVerb } from '../verb.js';

export const topologyCheckVerb = defineVerb({
  name: 'topology check',
  summary: 'compare what exists on Service Bus and Event Hubs with what has to',
  description: `
Looks at the topic, its subscriptions, their rules and settings, and at the event hub and its consumer groups, and
names every difference with its mend. Nothing is changed.

Service Bus in Azure is asked through its administration API, for which the identity needs the role Azure Service Bus
Data Owner, or the connection string the claim Manage. An emulator without that API is asked what it can tell over
AMQP: whether the entities are there; what cannot be seen that way is said. Event Hubs tells its partitions; a consumer
group is opened for a moment, at the end of the stream and without taking it from its readers.`,
  options: { ...brokerOptions, 'management-port': managementPortOption },
  examples: [
    'pratique topology check --config pratique.yaml',
    'pratique topology check --management-port 5300      on Microsoft’s Service Bus emulator',
    'pratique topology check --json | jq -r ".findings[].entity"',
  ],
  exitCodes: { 0: 'everything is as declared', 1: 'something differs, or a broker cannot be asked' },
  run: async ({ 'management-port': port, ...broker }, console) => {
    const managed = managementPort(port);
    const progress = console.progress('looked at');
    let seen = 0;
    const report = await checkTopology(brokerSettings(broker), {
      managementPort: managed,
      onProgress: () => progress.at((seen += 1)),
    }).finally(() => progress.end());
    const { brokers, findings } = report;
    const where = [...new Set(brokers)].join(' and ');
    return {
      exitCode: findings.length === 0 ? 0 : 1,
      document: report,
      lines: [
        ...findingLines(report),
        findings.length === 0
          ? `Everything that Pratique needs is on ${where}.`
          : `${findings.length} of what Pratique needs is missing or different on ${where}.`,
      ],
    };
  },
});
