import { messagingTopology } from '../messaging-topology.js';
import { compareTopic } from './compare-topology.js';
import type { ActualSubscription, ActualTopic } from './topology-state.js';

const declared = messagingTopology().topics[0]!;

/** What apply would have made. */
function asDeclared(): ActualTopic {
  return {
    name: declared.name,
    settings: { duplicateDetectionWindowMs: declared.duplicateDetectionWindowMs, status: 'Active' },
    subscriptions: declared.subscriptions.map(({ name, lockDurationMs, maxDeliveryCount, rules }) => ({
      name,
      settings: { lockDurationMs, maxDeliveryCount, sessions: false, forwardTo: undefined, status: 'Active' },
      rules: rules.map((rule) => ({ ...rule, action: undefined })),
    })),
  };
}

function withScan(change: (scan: ActualSubscription) => ActualSubscription): ActualTopic {
  const topic = asDeclared();
  return {
    ...topic,
    subscriptions: topic.subscriptions.map((each) => (each.name === 'scan' ? change(each) : each)),
  };
}

function problems(actual: ActualTopic | undefined): (string | undefined)[][] {
  return compareTopic(declared, actual).map(({ entity, problem, change }) => [entity, problem, change?.kind]);
}

describe('messaging/topology/compare-topology', () => {
  it('finds nothing where everything is as declared, in whatever case and spacing', () => {
    const actual = withScan((scan) => ({
      ...scan,
      name: 'SCAN',
      rules: scan.rules!.map((rule) => ({ ...rule, sql: rule.sql!.replaceAll(' AND ', '\n  AND ') })),
    }));
    expect(problems(actual)).toEqual([]);
  });

  it('makes the topic before its subscriptions', () => {
    expect(problems(undefined)).toEqual([
      ['topic registry-events', 'does not exist', 'create-topic'],
      ...['scan', 'promotion', 'sync', 'audit'].map((name) => [
        `subscription registry-events/${name}`,
        'does not exist',
        'create-subscription',
      ]),
    ]);
  });

  it('adds the rule before it takes the default one away, so that no message falls between', () => {
    const rules = [{ name: '$Default', sql: '1=1', action: undefined }];
    expect(problems(withScan((scan) => ({ ...scan, rules })))).toEqual([
      ['rule registry-events/scan/registry-events', 'does not exist', 'create-rule'],
      [
        'rule registry-events/scan/$Default',
        'takes every message, other subscriptions’ retries included',
        'delete-rule',
      ],
    ]);
  });

  it('leaves a rule that somebody else has made to somebody else', () => {
    const mine = { name: 'debugging', sql: '1=1', action: undefined };
    expect(problems(withScan((scan) => ({ ...scan, rules: [...scan.rules!, mine] })))).toEqual([
      [
        'rule registry-events/scan/debugging',
        'is not one of Pratique’s, and lets further messages in',
        undefined,
      ],
    ]);
  });

  it.each([
    ['another expression', { sql: '1=1', action: undefined }],
    ['a filter that is not SQL', { sql: undefined, action: undefined }],
    ['an action', { sql: declared.subscriptions[0]!.rules[0]!.sql, action: "SET x = 'y'" }],
  ])('replaces a rule of ours that has %s', (_what, rule) => {
    const actual = withScan((scan) => ({ ...scan, rules: [{ name: 'registry-events', ...rule }] }));
    expect(problems(actual)).toEqual([
      ['rule registry-events/scan/registry-events', expect.stringMatching(/^takes /), 'update-rule'],
    ]);
  });

  it('names every setting of a subscription that differs, in one finding', () => {
    const actual = withScan((scan) => ({
      ...scan,
      settings: { ...scan.settings!, lockDurationMs: 300_000, maxDeliveryCount: 3 },
    }));
    expect(problems(actual)).toEqual([
      [
        'subscription registry-events/scan',
        'has a lock duration of PT5M instead of PT1M and a delivery count of 3 instead of 10',
        'update-subscription',
      ],
    ]);
  });

  it.each([
    [{ sessions: true }, 'requires sessions, in which Pratique does not receive'],
    [{ forwardTo: 'archive' }, 'forwards its messages to archive, so that no service is given any'],
    [{ status: 'ReceiveDisabled' }, 'is ReceiveDisabled'],
  ])('leaves %j to a person', (settings, problem) => {
    const actual = withScan((scan) => ({ ...scan, settings: { ...scan.settings!, ...settings } }));
    expect(problems(actual)).toEqual([['subscription registry-events/scan', problem, undefined]]);
  });

  it('lengthens the window for duplicates, and cannot switch their detection on', () => {
    const withWindow = (duplicateDetectionWindowMs: number): ActualTopic => ({
      ...asDeclared(),
      settings: { duplicateDetectionWindowMs, status: 'Active' },
    });
    expect(problems(withWindow(20_000))).toEqual([
      ['topic registry-events', 'detects duplicates for PT20S instead of PT10M', 'update-topic'],
    ]);
    expect(problems(withWindow(0))).toEqual([
      [
        'topic registry-events',
        'does not detect duplicates, so that an event which is published twice is worked on twice',
        undefined,
      ],
    ]);
  });

  it('says nothing of what could not be looked at', () => {
    const actual = {
      name: declared.name,
      subscriptions: declared.subscriptions.map(({ name }) => ({ name })),
    };
    expect(problems(actual)).toEqual([]);
  });
});
