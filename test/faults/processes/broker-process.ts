import { startAzureMessagingEmulator } from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import type { Remains } from '../check-history.js';
import { services } from '../conduct.js';
import { FaultInjector } from '../fault-injector.js';
import { type KillOrders, killVictim } from './kill-orders.js';

export type BrokerRequest = { kind: 'begin'; orders: KillOrders } | { kind: 'remains' };
export type BrokerReply =
  | { kind: 'ready'; connectionString: string; port: number }
  | { kind: 'begun' }
  | { kind: 'remains'; remains: Remains };

// How long the messages of a killed worker wait for another; a minute in Azure.
const lockDurationMs = 1_000;

// The broker of the tests in which real processes die: durable, and with a clock like everybody's.
const [, , folder = '', sharedAccessKey = ''] = process.argv;
let orders: KillOrders | undefined;
const injector = new FaultInjector((fault) => {
  if (orders !== undefined) killVictim(fault, orders);
});
const { topics, eventHubs } = messagingTopology();
const emulator = await startAzureMessagingEmulator({
  port: 0,
  sharedAccessKey,
  storage: { folder },
  topics: topics.map((topic) => ({
    ...topic,
    subscriptions: topic.subscriptions
      .filter(({ name }) => services.some((service) => service === name))
      .map((subscription) => ({ ...subscription, lockDurationMs, maxDeliveryCount: 100 })),
  })),
  eventHubs,
  intercept: (moment) => injector.decide(moment),
});

process.on('message', (request: BrokerRequest) => {
  if (request.kind === 'begin') {
    orders = request.orders;
    injector.begin(orders.plan);
    reply({ kind: 'begun' });
  } else {
    reply({ kind: 'remains', remains: remains() });
  }
});
reply({ kind: 'ready', connectionString: emulator.connectionString, port: emulator.port });

function remains(): Remains {
  const stats = services.map((service) => emulator.subscriptionStats('registry-events', service));
  return {
    pending: stats.reduce((sum, { active, locked, scheduled }) => sum + active + locked + scheduled, 0),
    deadLettered: stats.reduce((sum, { deadLettered }) => sum + deadLettered, 0),
  };
}

function reply(message: BrokerReply): void {
  process.send?.(message);
}
