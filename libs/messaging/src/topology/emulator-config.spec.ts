import { messagingTopology } from '../messaging-topology.js';
import { eventHubsEmulatorConfig, serviceBusEmulatorConfig } from './emulator-config.js';

describe('messaging/topology/emulator-config', () => {
  it('writes the topology as Microsoft’s Service Bus emulator reads it, within its limits', () => {
    const { topics } = messagingTopology();
    const [topic] = topics;
    const config = serviceBusEmulatorConfig({
      topics: [{ ...topic!, subscriptions: topic!.subscriptions.slice(0, 1) }],
    });
    expect(config).toEqual({
      UserConfig: {
        Namespaces: [
          {
            Name: 'sbemulatorns',
            Queues: [],
            Topics: [
              {
                Name: 'registry-events',
                Properties: {
                  DefaultMessageTimeToLive: 'PT1H',
                  DuplicateDetectionHistoryTimeWindow: 'PT5M',
                  RequiresDuplicateDetection: true,
                },
                Subscriptions: [
                  {
                    Name: 'scan',
                    Properties: {
                      DeadLetteringOnMessageExpiration: true,
                      DefaultMessageTimeToLive: 'PT1H',
                      LockDuration: 'PT1M',
                      MaxDeliveryCount: 10,
                      ForwardDeadLetteredMessagesTo: '',
                      ForwardTo: '',
                      RequiresSession: false,
                    },
                    Rules: [
                      {
                        Name: 'registry-events',
                        Properties: {
                          FilterType: 'Sql',
                          SqlFilter: { SqlExpression: topic!.subscriptions[0]!.rules[0]!.sql },
                        },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
        Logging: { Type: 'Console' },
      },
    });
  });

  it('keeps filters short enough for the emulator', () => {
    const rules = messagingTopology().topics.flatMap(({ subscriptions }) =>
      subscriptions.flatMap(({ rules }) => rules),
    );
    for (const { sql } of rules) expect(sql.length).toBeLessThanOrEqual(1024);
  });

  it('cuts settings down to the emulator’s limits', () => {
    const subscription = { name: 's', lockDurationMs: 5_000, maxDeliveryCount: 100, rules: [] };
    const topic = { name: 't', duplicateDetectionWindowMs: 60_000, subscriptions: [subscription] };
    expect(JSON.stringify(serviceBusEmulatorConfig({ topics: [topic] }))).toMatch(
      /"LockDuration":"PT1M","MaxDeliveryCount":10/,
    );
  });

  it('writes the event hub as Microsoft’s Event Hubs emulator reads it', () => {
    expect(eventHubsEmulatorConfig(messagingTopology())).toEqual({
      UserConfig: {
        NamespaceConfig: [
          {
            Type: 'EventHub',
            Name: 'emulatorNs1',
            Entities: [{ Name: 'outcomes', PartitionCount: '4', ConsumerGroups: [{ Name: 'audit' }] }],
          },
        ],
        LoggingConfig: { Type: 'Console' },
      },
    });
  });
});
