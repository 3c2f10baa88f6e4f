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
import { connectRegistry, type RegistryConnection } from './connect-registry.js';
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

  beforeEach(async () => {
    open = [];
    registry = await startAcrEmulator({
      name: 'registry',
      entra,
      anonymousPull: true,
      identities: [
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
    await Promise.all(open.map(({ client }) => client.close()));
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
