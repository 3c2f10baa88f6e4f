import { AcrQuarantine } from '@pratique/acr';
import { Digest, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { type AcrEmulator, startAcrEmulator } from '@pratique/emulators-acr';
import { basicTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import { type Bus, startBus } from '../../../../libs/messaging/test/start-bus.js';
import { ConfigFolder } from '../../test/config-folder.js';
import { type Ran, run } from '../../test/run.js';

const login = { username: 'scan', password: 'not-a-secret' };
const good = buildArtifact({ files: { 'good.txt': 'a' } });
const bad = buildArtifact({ files: { 'bad.txt': 'b' } });

describe('cli/verbs/quarantine-backfill', () => {
  let folder: ConfigFolder;
  let bus: Bus;
  let registry: AcrEmulator;
  let client: RegistryClient;

  beforeEach(async () => {
    folder = new ConfigFolder();
    bus = await startBus();
    registry = await startAcrEmulator({
      name: 'customer',
      identities: [
        {
          ...{ name: 'scan', credentials: login, repositories: ['*'] },
          actions: ['pull', 'push', 'metadata_read', 'metadata_write', 'quarantine_read', 'quarantine_write'],
        },
      ],
    });
    const tokens = basicTokens({ username: login.username, password: () => login.password });
    client = new RegistryClient({ host: RegistryHost.parse(registry.host), plainHttp: true, tokens });
  });

  afterEach(async () => {
    await client.close();
    await registry.close();
    await bus.close();
    folder.remove();
  });

  async function push(image: BuiltImage, repository: string): Promise<void> {
    await pushImage(client, image, { repository: RepositoryName.parse(repository), tags: [Tag.parse('1')] });
  }

  function backfill(...args: string[]): Promise<Ran> {
    const connectionString = { file: folder.write('bus', bus.emulator.connectionString) };
    const password = { file: folder.write('password', login.password) };
    const config = folder.write('pratique.yaml', {
      messaging: { serviceBus: { connectionString }, eventHubs: { connectionString } },
      registries: [
        {
          ...{ name: 'customer', kind: 'acr', host: registry.host, plainHttp: true, quarantine: true },
          credentials: { username: login.username, password },
        },
        { name: 'other', kind: 'acr', host: 'other.azurecr.io' },
      ],
    });
    return run(['quarantine', 'backfill', '--registry', 'customer', '--config', config, ...args]);
  }

  /** What scan does, less the scanning: `bad` fails. */
  async function decide(count: number): Promise<string[]> {
    const receiver = bus.clients.serviceBus().createReceiver('registry-events', 'scan');
    const heard: string[] = [];
    const quarantine = new AcrQuarantine(client);
    while (heard.length < count) {
      const [message] = await receiver.receiveMessages(1);
      if (message === undefined) throw new Error('no event came');
      const data = message.body as { repository: string; digest: string };
      heard.push(data.repository);
      const [repository, digest] = [RepositoryName.parse(data.repository), Digest.parse(data.digest)];
      const result = { version: '1', summary: [], description: 'because' };
      const change = { details: { state: 'scan', result } };
      if (digest === bad.root.digest) await quarantine.retain(repository, digest, change);
      else await quarantine.release(repository, digest, change);
      await receiver.completeMessage(message);
    }
    await receiver.close();
    return heard;
  }

  it('only counts when it is asked to', async () => {
    await push(good, 'team/app');

    const { exitCode, out } = await backfill('--dry-run');

    expect(exitCode).toBe(1);
    expect(out).toMatch(/pending {2}team\/app:1@sha256:/);
    expect(out).toContain('1 manifests, 0 passed, 0 failed, 1 without a verdict.');
    expect(bus.emulator.subscriptionStats('registry-events', 'scan').active).toBe(0);
  });

  it('has everything scanned that has no verdict, waits, and sums it up', async () => {
    await push(good, 'team/app');
    await push(bad, 'team/broken');
    await push(good, 'other/app');

    const [{ exitCode, out }, heard] = await Promise.all([backfill('--repository', 'team/*'), decide(2)]);

    expect(heard.toSorted()).toEqual(['team/app', 'team/broken']);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/failed {3}team\/broken:1@sha256:[0-9a-f]+: because\n/);
    expect(out).toContain('customer: 2 manifests, 1 passed, 1 failed, 0 without a verdict.');
    expect(bus.emulator.subscriptionStats('registry-events', 'sync').active).toBe(0);
  });

  it('says yes where there is nothing left to do', async () => {
    await push(good, 'team/app');
    const details = { state: 'scan passed' };
    await new AcrQuarantine(client).release(RepositoryName.parse('team/app'), good.root.digest, { details });

    const { exitCode, out } = await backfill('--json');

    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toEqual({
      ...{ registry: 'customer', dryRun: false, manifests: 1, passed: 1, failed: [], pending: [] },
    });
  });

  it.each([
    [['--registry', 'nobody'], /There is no registry "nobody"/],
    [['--registry', 'other'], /has no quarantine: true/],
    [['--timeout', 'x'], /no number of minutes/],
    [['--repository', '{a}'], /--repository \{a\} is not a pattern/],
  ])('calls %j wrong use', async (args, message) => {
    expect(await backfill(...args)).toMatchObject({ exitCode: 2, err: expect.stringMatching(message) });
  });
});
