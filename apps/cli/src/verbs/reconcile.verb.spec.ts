import { RepositoryName, Tag } from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import { buildArtifact, pushImage } from '@pratique/oci';
import { startTestRegistry, type TestRegistry } from '@pratique/testing';
import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

const repository = RepositoryName.parse('team/app');
const image = buildArtifact({ files: { a: 'one' } });

describe('cli/verbs/reconcile', () => {
  let vendor: TestRegistry;
  let customer: TestRegistry;
  let broker: AzureMessagingEmulator;
  let folder: ConfigFolder;
  let config: string;

  beforeEach(async () => {
    [vendor, customer] = await Promise.all([startTestRegistry(), startTestRegistry()]);
    const { topics, eventHubs } = messagingTopology();
    broker = await startAzureMessagingEmulator({ port: 0, storage: 'memory', topics, eventHubs });
    folder = new ConfigFolder();
    const registry = (name: string, { emulator }: TestRegistry) => ({
      ...{ name, kind: 'distribution', host: emulator.host, plainHttp: true },
      credentials: { username: 'tester', password: { file: folder.write('password', 'correct horse') } },
    });
    const connectionString = { file: folder.write('broker', broker.connectionString) };
    config = folder.write('pratique.yaml', {
      messaging: { serviceBus: { connectionString }, eventHubs: { connectionString } },
      registries: [registry('vendor', vendor), registry('customer', customer)],
      sync: [
        {
          ...{ name: 'mirror', from: 'vendor', to: 'customer', repositories: ['team/app'], when: 'pushed' },
          delete: 'mirror',
        },
      ],
    });
  });

  afterEach(async () => {
    folder.remove();
    await broker.close();
    await Promise.all([vendor.close(), customer.close()]);
  });

  const push = (at: TestRegistry, ...tags: string[]): Promise<void> =>
    pushImage(at.client, image, { repository, tags: tags.map((tag) => Tag.parse(tag)) });
  const waiting = (): object => broker.subscriptionStats('registry-events', 'sync');

  it('publishes what is missing, and sums it up', async () => {
    await push(vendor, '1', '2', '3');
    await push(customer, '1');

    const { exitCode, out } = await run(['reconcile', '--config', config]);

    expect([exitCode, out]).toEqual([
      0,
      '3 tags in 1 repositories compared with 6 requests: 1 as they should be, 2 missing, 0 different, 0 left over; 2 events published.\n',
    ]);
    expect(waiting()).toMatchObject({ active: 2 });
  });

  it('deletes nothing for a source that shows no tag, until somebody gives the word', async () => {
    await push(customer, '1');

    const careful = await run(['reconcile', '--config', config]);
    expect(careful.exitCode).toBe(1);
    expect(careful.out).toContain('If that is right: pratique reconcile --rule mirror --delete');
    const word = ['reconcile', '--config', config, '--rule', 'mirror', '--delete'];
    expect(await run(word, { answers: 'n' })).toMatchObject({ exitCode: 1, out: 'Nothing was done.\n' });
    expect(waiting()).toMatchObject({ active: 0 });

    expect(await run(word, { answers: 'y' })).toMatchObject({ exitCode: 0 });
    expect(waiting()).toMatchObject({ active: 1 });
  });

  it('says where it could not look, in a document that programs can read', async () => {
    vendor.intercept(() => Promise.resolve({ status: 503, headers: { 'retry-after': '9' } }));

    const { exitCode, out } = await run(['reconcile', '--config', config, '--json']);

    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      retryAfterMs: 9000,
      failures: [{ rule: 'mirror', repository: 'team/app', code: 'registry-unavailable' }],
    });
  });

  it.each([
    [['--delete'], '--delete needs --rule'],
    [['--rule', 'other'], 'There is no rule "other"'],
    [['--max-events', 'x'], '--max-events must be a number'],
    [['--requests-per-second', '0'], '--requests-per-second must be a number up to 1000'],
    [['--registry', 'A B'], '--registry must be the name of a registry'],
  ])('refuses %j', async (args, sentence) => {
    const { exitCode, err } = await run(['reconcile', '--config', config, ...args]);

    expect([exitCode, err]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
