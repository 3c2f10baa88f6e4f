import { Secret } from '@pratique/config';
import { RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import {
  type AcrEmulator,
  EmulatedCredential,
  emulatedEntra,
  startAcrEmulator,
} from '@pratique/emulators-acr';
import { buildArtifact, pushImage } from '@pratique/oci';
import { AcrSettings, DistributionSettings, RegistrySettings } from '@pratique/registries';
import { closeRegistry, connectRegistry, type RegistryConnection } from './connect-registry.js';
import { registryLimits } from './registry-limits.js';
import { RegistryManners } from './registry-manners.js';
import { closeRegistries, connectRegistries } from './registry-connections.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1');
const image = buildArtifact({ files: { 'a.txt': 'a' } });
const resourceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/registry';

describe('registry-access/connect-registry', () => {
  const entra = emulatedEntra();
  const credential = new EmulatedCredential({ entra, objectId: 'sync' });
  let registry: AcrEmulator;
  let open: RegistryConnection[];
  /** What the registry was asked, as `METHOD path`. */
  let paths: string[];

  beforeEach(async () => {
    open = [];
    paths = [];
    registry = await startAcrEmulator({
      name: 'registry',
      entra,
      anonymousPull: true,
      intercept: ({ method, path }) => {
        paths.push(`${method} ${path}`);
        return Promise.resolve('proceed');
      },
      identities: [
        {
          name: 'puller',
          credentials: { username: 'puller', password: 'read' },
          repositories: ['*'],
          actions: ['pull'],
        },
        {
          name: 'person',
          credentials: { username: 'person', password: 'secret' },
          repositories: ['*'],
          actions: ['pull', 'push'],
        },
        {
          name: 'sync',
          credentials: { entraObjectId: 'sync' },
          repositories: ['*'],
          actions: ['pull', 'push'],
        },
      ],
    });
  });

  afterEach(async () => {
    await Promise.all(open.map(closeRegistry));
    await registry.close();
  });

  function acr(settings: object = {}): AcrSettings {
    return AcrSettings.parse({ name: 'r', kind: 'acr', host: registry.host, plainHttp: true, ...settings });
  }

  function connect(settings: RegistrySettings): RegistryConnection {
    const connection = connectRegistry(settings, { credential });
    open.push(connection);
    return connection;
  }

  it('reaches a registry with the user and password of its settings', async () => {
    const credentials = { username: 'person', password: new Secret('secret') };
    const { client } = connect({ ...acr(), credentials });

    await pushImage(client, image, { repository, tags: [tag] });

    expect((await client.resolve(repository, tag))?.digest).toBe(image.root.digest);
  });

  it('reaches a registry with an identity', async () => {
    const { client } = connect(acr({ credentials: { identity: 'workload' } }));

    await pushImage(client, image, { repository, tags: [tag] });

    expect((await client.resolve(repository, tag))?.digest).toBe(image.root.digest);
  });

  it('reaches a registry as nobody in particular where the settings name nobody', async () => {
    const { client } = connect(acr());

    expect(await client.resolve(repository, tag)).toBeUndefined();
    await expect(pushImage(client, image, { repository, tags: [tag] })).rejects.toMatchObject({
      name: 'OciError',
    });
  });

  it('writes nothing with the connection that is there to read, whatever its credentials could do', async () => {
    const credentials = { username: 'person', password: new Secret('secret') };
    const { client, reader } = connect({ ...acr(), credentials });
    await pushImage(client, image, { repository, tags: [tag] });

    expect((await reader.resolve(repository, tag))?.digest).toBe(image.root.digest);
    await expect(pushImage(reader, image, { repository, tags: [tag] })).rejects.toMatchObject({
      code: 'access-refused',
      message: expect.stringContaining('is there to read'),
    });
  });

  it('pulls as one and pushes as another where the settings name both', async () => {
    const pull = { username: 'puller', password: new Secret('read') };
    const push = { username: 'person', password: new Secret('secret') };
    const { client, reader } = connect({ ...acr(), credentials: pull, pushCredentials: push });

    await pushImage(client, image, { repository, tags: [tag] });
    expect((await reader.resolve(repository, tag))?.digest).toBe(image.root.digest);

    const both = connect({ ...acr(), credentials: pull }).client;
    await expect(pushImage(both, image, { repository, tags: [tag] })).rejects.toMatchObject({
      name: 'OciError',
    });
  });

  it('sends to a registry of Azure no body that it may find too large', async () => {
    const credentials = { username: 'person', password: new Secret('secret') };
    const { client } = connect({ ...acr(), credentials });
    const large = buildArtifact({ files: { large: 'x'.repeat(17 * 1024 * 1024) } });
    paths = [];

    await pushImage(client, large, { repository });

    expect(paths.filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
  });

  it('has the same manners towards a host for all who reach it', () => {
    const manners = new RegistryManners();
    const [one, other] = [acr({ name: 'a' }), acr({ name: 'b', tier: 'premium' })];
    const elsewhere = DistributionSettings.parse({ name: 'c', kind: 'distribution', host: 'other.test' });

    expect(manners.towards(one)).toBe(manners.towards(other));
    expect(manners.towards(one)).not.toBe(manners.towards(elsewhere));
  });

  it.each([
    [{}, { read: 3_000, write: 500, referrers: 250 }],
    [{ tier: 'basic' }, { read: 1_000, write: 100, referrers: 250 }],
    [{ tier: 'premium' }, { read: 10_000, write: 2_000, referrers: 250 }],
  ])('keeps to the budgets of the tier: %j', (settings, budgets) => {
    expect(registryLimits(acr(settings)).budgets).toEqual(budgets);
  });

  it('offers the quarantine only where the settings say that there is one', () => {
    expect(connect(acr({ quarantine: true })).quarantine).toBeDefined();
    expect(connect(acr({ quarantine: false }))).not.toHaveProperty('quarantine');
  });

  it('offers to a registry of Azure the same, whichever way its events come', () => {
    const byEventGrid = RegistrySettings.parse({
      name: 'r',
      kind: 'acr-event-grid',
      host: registry.host,
      credentials: { identity: 'workload' },
      quarantine: true,
      resourceId,
    });

    expect(connect(byEventGrid)).toMatchObject({
      quarantine: expect.anything(),
      importer: expect.anything(),
    });
  });

  it('offers imports only into a registry of Azure that is reached with an identity', () => {
    const identity = { credentials: { identity: 'workload' } };
    const plain = DistributionSettings.parse({ name: 'r', kind: 'distribution', host: registry.host });

    expect(connect(acr({ ...identity, resourceId })).importer).toBeDefined();
    expect(connect(acr({ resourceId }))).not.toHaveProperty('importer');
    expect(connect(acr(identity))).not.toHaveProperty('importer');
    expect(connect(plain)).not.toHaveProperty('importer');
  });

  it('connects every registry of a configuration once, and no other', async () => {
    const connections = connectRegistries([acr({ name: 'a' }), acr({ name: 'b' })], { credential });

    expect([...connections.keys()]).toEqual(['a', 'b']);
    expect(connections.get(RegistryName.parse('c'))).toBeUndefined();
    await closeRegistries(connections);
    const client = connections.get(RegistryName.parse('a'))?.client;
    await expect(client?.resolve(repository, tag)).rejects.toThrow();
  });
});
