import { eventHubsEmulatorConfig, messagingTopology, serviceBusEmulatorConfig } from '@pratique/messaging';
import { UsageError } from '../usage-error.js';
import { defineVerb } from '../verb.js';

const emulatorConfigs = {
  'service-bus': serviceBusEmulatorConfig,
  'event-hubs': eventHubsEmulatorConfig,
};

export const topologyPrintVerb = defineVerb({
  name: 'topology print',
  summary: 'print what has to exist on Service Bus and Event Hubs',
  description: `
Prints the declaration that everything else is made from: the topic, its subscriptions with their filters, and the
event hub. With --emulator-config it prints the Config.json that Microsoft's emulators read at their start; what is
declared beyond their limits is cut down to them. Nothing is connected to.`,
  options: {
    'emulator-config': {
      type: 'string',
      value: 'WHICH',
      help: 'Config.json of an emulator of Microsoft’s: service-bus or event-hubs',
    },
  },
  examples: [
    'pratique topology print',
    'pratique topology print --emulator-config service-bus > servicebus/Config.json',
    'pratique topology print --emulator-config event-hubs > eventhubs/Config.json',
  ],
  exitCodes: { 0: 'it was printed', 1: 'never' },
  run: ({ 'emulator-config': emulator }) => {
    const document = emulator === undefined ? messagingTopology() : configOf(emulator)(messagingTopology());
    return Promise.resolve({
      exitCode: 0,
      document,
      lines: JSON.stringify(document, undefined, 2).split('\n'),
    });
  },
});

function configOf(
  emulator: string,
): (typeof emulatorConfigs)['service-bus'] | (typeof emulatorConfigs)['event-hubs'] {
  if (emulator === 'service-bus' || emulator === 'event-hubs') return emulatorConfigs[emulator];
  throw new UsageError(
    `There is no emulator "${emulator}"; there are ${Object.keys(emulatorConfigs).join(', ')}`,
  );
}
