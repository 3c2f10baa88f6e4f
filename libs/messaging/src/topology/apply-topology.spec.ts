import { ServiceBusAdministrationClient } from '@azure/service-bus';
import { Secret } from '@pratique/config';
import { type Bus, startBus } from '../../test/start-bus.js';
import { type AtomServer, entraToken, startAtomServer } from '../../test/start-atom-server.js';
import { messagingTopology } from '../messaging-topology.js';
import type { MessagingSettings } from '../messaging.settings.js';
import { applyTopology } from './apply-topology.js';
import { checkTopology, type TopologyOptions } from './check-topology.js';
import { connectDevelopmentAdministration, usePlainHttp } from './connect-administration.js';
import { readTopic } from './read-topology.js';

const { topics } = messagingTopology();
const [topic] = topics;
const names = { name: 'registry-events', subscriptions: ['scan', 'promotion', 'sync', 'audit'] };

describe('messaging/topology/apply-topology', () => {
  let atom: AtomServer;
  let bus: Bus;
  let settings: MessagingSettings;
  let options: TopologyOptions;
  let administration: ServiceBusAdministrationClient;

  // Service Bus is the stand-in for the administration API, Event Hubs is the emulator.
  beforeEach(async () => {
    [atom, bus] = await Promise.all([startAtomServer(), startBus()]);
    const retry = { ...bus.settings.retry, maxRetries: 0 };
    settings = {
      ...bus.settings,
      retry,
      serviceBus: { connectionString: new Secret(atom.connectionString) },
    };
    options = { managementPort: atom.port, topology: { topics, eventHubs: [] } };
    administration = connectDevelopmentAdministration(
      { host: '127.0.0.1', keyName: 'RootManageSharedAccessKey', key: 'SAS_KEY_VALUE' },
      { port: atom.port, retry },
    );
  });

  afterEach(async () => {
    await Promise.all([atom.close(), bus.close()]);
  });

  it('makes everything that is declared, with its own rule and never the default one', async () => {
    const { changes, findings } = await applyTopology(settings, options);

    expect(findings).toEqual([]);
    expect(changes).toEqual(
      [
        'topic registry-events',
        ...names.subscriptions.map((name) => `subscription registry-events/${name}`),
      ].map((entity) => ({ entity, done: 'created' })),
    );
    const made = await readTopic(administration, names);
    expect(made?.settings).toEqual({ duplicateDetectionWindowMs: 600_000, status: 'Active' });
    expect(
      made?.subscriptions.map(({ name, rules }) => [name, rules?.map((rule) => [rule.name, rule.sql])]),
    ).toEqual(
      topic!.subscriptions.map(({ name, rules }) => [name, rules.map((rule) => [rule.name, rule.sql])]),
    );
    expect(atom.requests).not.toContainEqual(expect.stringContaining('$Default'));
  });

  it('finds nothing to do the second time', async () => {
    await applyTopology(settings, options);
    atom.requests.length = 0;

    expect(await applyTopology(settings, { managementPort: atom.port })).toMatchObject({
      changes: [],
      findings: [],
    });
    expect(await checkTopology(settings, options)).toMatchObject({ findings: [], unverified: [] });
    expect(atom.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });

  it('may be run by several at once', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => applyTopology(settings, options)));

    expect(runs.flatMap(({ findings }) => findings)).toEqual([]);
    expect(await checkTopology(settings, options)).toMatchObject({ findings: [] });
  });

  it('mends a subscription that somebody made by hand', async () => {
    await administration.createTopic('registry-events', {
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: 'PT20S',
      maxSizeInMegabytes: 2048,
    });
    await administration.createSubscription('registry-events', 'scan', {
      lockDuration: 'PT5M',
      maxDeliveryCount: 3,
    });

    const { changes, findings } = await applyTopology(settings, options);

    expect(findings).toEqual([]);
    expect(changes.slice(0, 4)).toEqual([
      { entity: 'topic registry-events', done: 'updated' },
      { entity: 'subscription registry-events/scan', done: 'updated' },
      { entity: 'rule registry-events/scan/registry-events', done: 'created' },
      { entity: 'rule registry-events/scan/$Default', done: 'deleted' },
    ]);
    expect(await checkTopology(settings, options)).toMatchObject({ findings: [] });
    expect((await administration.getTopic('registry-events')).maxSizeInMegabytes).toBe(2048);
  });

  it('puts a rule right that filters differently', async () => {
    await applyTopology(settings, options);
    const rule = await administration.getRule('registry-events', 'sync', 'registry-events');
    rule.filter = { sqlExpression: '1=1' };
    await administration.updateRule('registry-events', 'sync', rule);

    const { changes } = await applyTopology(settings, options);

    expect(changes).toEqual([{ entity: 'rule registry-events/sync/registry-events', done: 'updated' }]);
    expect(await checkTopology(settings, options)).toMatchObject({ findings: [] });
  });

  it('tells what it cannot change, and leaves it', async () => {
    await administration.createTopic('registry-events');

    const { findings } = await applyTopology(settings, options);

    expect(findings).toEqual([
      {
        entity: 'topic registry-events',
        problem: 'does not detect duplicates, so that an event which is published twice is worked on twice',
        mend: expect.stringMatching(/delete it, and run pratique topology apply$/),
      },
    ]);
  });

  it('looks at every rule of a subscription, however many pages they take', async () => {
    await applyTopology(settings, options);
    for (let count = 0; count < 120; count += 1) {
      await administration.createRule('registry-events', 'audit', `extra-${count}`, { sqlExpression: '1=0' });
    }

    const { findings } = await checkTopology(settings, options);

    expect(findings).toHaveLength(120);
  });

  it('prints the command for what Event Hubs lacks, since only Azure Resource Manager makes that', async () => {
    const eventHubs = [
      { name: 'outcomes', partitions: 32, consumerGroups: ['audit', 'siem'] },
      { name: 'other', partitions: 2, consumerGroups: [] },
    ];

    const { findings } = await applyTopology(settings, { ...options, topology: { topics: [], eventHubs } });

    expect(findings.map(({ entity, mend }) => [entity, mend])).toEqual([
      ['event hub outcomes', expect.stringContaining('outside of the premium tier that cannot be changed')],
      [
        'consumer group outcomes/siem',
        expect.stringMatching(
          /^az eventhubs eventhub consumer-group create .*--eventhub-name outcomes --name siem$/,
        ),
      ],
      [
        'event hub other',
        expect.stringMatching(/^az eventhubs eventhub create .*--name other --partition-count 2$/),
      ],
    ]);
  });

  it('says what to do for an identity that may not manage', async () => {
    const wrong = atom.connectionString.replace('SAS_KEY_VALUE', 'WRONG');
    const refused = applyTopology(
      { ...settings, serviceBus: { connectionString: new Secret(wrong) } },
      options,
    );

    await expect(refused).rejects.toMatchObject({
      name: 'TopologyError',
      code: 'access-refused',
      message: expect.stringMatching(/give it the role Azure Service Bus Data Owner/),
    });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('WRONG') });
  });

  it('repeats what the service says about a change that it refuses', async () => {
    atom.failWith({ status: 400, detail: 'SubCode=40000. Topics need the standard tier. TrackingId:7' });

    await expect(checkTopology(settings, options)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/: SubCode=40000\. Topics need the standard tier$/),
    });
  });

  it('takes a plain 404 for an entity that is not there, which is how emulators may answer', async () => {
    atom.failWith({ status: 404, detail: 'SubCode=40400. Not Found.' });

    const { findings } = await checkTopology(settings, options);

    expect(findings.map(({ problem }) => problem)).toEqual(Array.from({ length: 5 }, () => 'does not exist'));
  });

  it('says so when nobody is there', async () => {
    await atom.close();
    const gone = checkTopology(settings, options);
    atom = await startAtomServer();

    await expect(gone).rejects.toMatchObject({ code: 'not-reachable' });
  });

  it('manages with a token of Entra ID as well', async () => {
    const credential = {
      getToken: () => Promise.resolve({ token: entraToken, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const client = new ServiceBusAdministrationClient(`127.0.0.1:${atom.port}`, credential);
    usePlainHttp(client);

    await client.createTopic('registry-events');

    expect(await client.topicExists('registry-events')).toBe(true);
  });
});

describe('messaging/topology/apply-topology on Pratique’s own emulator', () => {
  let bus: Bus;

  beforeEach(async () => {
    bus = await startBus();
  });

  afterEach(() => bus.close());

  it('finds everything there, and says what it could not see', async () => {
    const { findings, unverified, brokers } = await checkTopology(bus.settings);

    expect(findings).toEqual([]);
    expect(unverified[0]).toMatch(/^The window for duplicates, lock durations .* cannot be seen here$/);
    expect(brokers).toEqual([`127.0.0.1:${bus.emulator.port}`, `127.0.0.1:${bus.emulator.port}`]);
  });

  it('finds a topic and a subscription that are not there', async () => {
    const topology = {
      topics: [
        {
          ...topic!,
          subscriptions: [...topic!.subscriptions, { ...topic!.subscriptions[0]!, name: 'absent' }],
        },
        { ...topic!, name: 'nowhere', subscriptions: [] },
      ],
      eventHubs: [],
    };

    const { findings } = await checkTopology(bus.settings, { topology });

    expect(findings.map(({ entity, problem }) => `${entity} ${problem}`)).toEqual([
      'subscription registry-events/absent does not exist',
      'topic nowhere does not exist',
    ]);
  });

  it('says that it takes a declaration of its own', async () => {
    await expect(applyTopology(bus.settings)).rejects.toMatchObject({
      code: 'declared-elsewhere',
      message: expect.stringMatching(/makes its entities from a declaration when it starts/),
    });
  });

  it('says so when no broker is there', async () => {
    await bus.emulator.close();

    await expect(
      checkTopology({ ...bus.settings, retry: { ...bus.settings.retry, maxRetries: 0, timeoutMs: 500 } }),
    ).rejects.toMatchObject({
      code: 'not-reachable',
    });
  });
});
