import { messagingTopology } from './messaging-topology.js';

describe('messaging/messaging-topology', () => {
  it('declares one topic with a subscription for each service, and the stream of outcomes', () => {
    const { topics, eventHubs } = messagingTopology();
    expect(topics.map(({ name, subscriptions }) => [name, subscriptions.map((each) => each.name)])).toEqual([
      ['registry-events', ['scan', 'promotion', 'sync', 'audit']],
    ]);
    expect(eventHubs).toEqual([{ name: 'outcomes', partitions: 4, consumerGroups: ['audit'] }]);
  });

  it('lets every subscription take its own types and its own redeliveries only', () => {
    const scan = messagingTopology().topics[0]?.subscriptions[0];
    expect(scan).toEqual({
      name: 'scan',
      lockDurationMs: 60_000,
      maxDeliveryCount: 10,
      rules: [
        {
          name: 'registry-events',
          sql:
            "cloudEvents_type IN ('io.pratique.image.pushed.v1', 'io.pratique.image.quarantined.v1')" +
            " AND (pratique_redeliver_to IS NULL OR pratique_redeliver_to = 'scan')",
        },
      ],
    });
  });
});
