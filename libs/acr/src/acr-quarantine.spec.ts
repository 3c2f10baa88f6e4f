import { digestOf, RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { type AcrEmulator, type RegistryAction, startAcrEmulator } from '@pratique/emulators-acr';
import { basicTokens, buildArtifact, pushImage, RegistryClient } from '@pratique/oci';
import { AcrQuarantine } from './acr-quarantine.js';

const repository = RepositoryName.parse('bicep/storage');
const tag = Tag.parse('1');
const image = buildArtifact({ files: { 'main.bicep': 'param x string' } });
const { digest } = image.root;
const rights: Record<string, RegistryAction[]> = {
  writer: ['pull', 'push', 'metadata_read', 'metadata_write', 'quarantine_read', 'quarantine_write'],
  reader: ['pull', 'metadata_read', 'quarantine_read'],
  client: ['pull', 'metadata_read'],
};

describe('acr/acr-quarantine', () => {
  let registry: AcrEmulator;
  let clients: Record<string, RegistryClient>;

  beforeEach(async () => {
    registry = await startAcrEmulator({
      name: 'customer',
      quarantine: true,
      identities: Object.entries(rights).map(([name, actions]) => ({
        name,
        credentials: { username: name, password: 'secret' },
        repositories: ['*'],
        actions,
      })),
    });
    clients = Object.fromEntries(Object.keys(rights).map((name) => [name, connect(name)]));
    await pushImage(as('writer'), image, { repository, tags: [tag] });
  });

  afterEach(async () => {
    await Promise.all(Object.values(clients).map((client) => client.close()));
    await registry.close();
  });

  function connect(username: string): RegistryClient {
    const tokens = basicTokens({ username, password: () => 'secret' });
    return new RegistryClient({ host: RegistryHost.parse(registry.host), plainHttp: true, tokens });
  }

  function as(name: string): RegistryClient {
    const client = clients[name];
    if (client === undefined) throw new Error(`nobody is called ${name}`);
    return client;
  }

  const passed = { details: { state: 'scan passed' } };

  it('takes an image without a verdict for pending, whatever the registry calls that', async () => {
    const quarantine = new AcrQuarantine(as('reader'));

    expect(await quarantine.state(repository, digest)).toMatchObject({ verdict: 'pending' });
  });

  it('knows nothing of an image that is not there', async () => {
    const quarantine = new AcrQuarantine(as('writer'));

    expect(await quarantine.state(repository, digestOf('absent'))).toBeUndefined();
    expect(await quarantine.release(repository, digestOf('absent'), passed)).toBe('gone');
  });

  it('makes an image pullable for an ordinary client', async () => {
    expect(await as('client').resolve(repository, tag)).toBeUndefined();

    const change = await new AcrQuarantine(as('writer')).release(repository, digest, passed);

    expect(change).toBe('changed');
    expect((await as('client').resolve(repository, tag))?.digest).toBe(digest);
    expect(await new AcrQuarantine(as('reader')).state(repository, digest)).toEqual({
      verdict: 'passed',
      state: 'Passed',
      details: '{"state":"scan passed"}',
    });
  });

  it('keeps a failing image in quarantine, with the reason', async () => {
    const quarantine = new AcrQuarantine(as('writer'));

    await quarantine.retain(repository, digest, { details: { state: 'not a Bicep file' } });

    expect(await quarantine.state(repository, digest)).toMatchObject({
      verdict: 'failed',
      details: '{"state":"not a Bicep file"}',
    });
    expect(await as('client').resolve(repository, tag)).toBeUndefined();
  });

  it('releases once: the second time changes and announces nothing', async () => {
    const quarantine = new AcrQuarantine(as('writer'));
    await quarantine.release(repository, digest, passed);

    expect(await quarantine.release(repository, digest, passed)).toBe('unchanged');
  });

  it('takes a release back', async () => {
    const quarantine = new AcrQuarantine(as('writer'));
    await quarantine.release(repository, digest, passed);

    expect(await quarantine.retain(repository, digest, { details: { state: 'found later' } })).toBe(
      'changed',
    );
    expect(await as('client').resolve(repository, tag)).toBeUndefined();
  });

  it('lists every manifest with its state, page by page', async () => {
    const more = Array.from({ length: 120 }, (_, index) =>
      buildArtifact({ files: { 'main.bicep': `param x${index} string` } }),
    );
    for (const each of more) await pushImage(as('writer'), each, { repository });
    const quarantine = new AcrQuarantine(as('writer'));
    await quarantine.release(repository, digest, passed);

    const listed = await collect(quarantine.list(repository));

    expect(listed).toHaveLength(121);
    expect(listed.find((manifest) => manifest.digest === digest)).toMatchObject({
      verdict: 'passed',
      tags: [tag],
    });
    expect(listed.filter(({ verdict }) => verdict === 'pending')).toHaveLength(120);
    const none = RepositoryName.parse('nobody/knows');
    expect(await collect(quarantine.list(none))).toEqual([]);
  });

  it('is refused to an identity that may only read', async () => {
    const quarantine = new AcrQuarantine(as('reader'));

    await expect(quarantine.release(repository, digest, passed)).rejects.toMatchObject({
      name: 'OciError',
      operation: 'write-quarantine',
    });
  });

  it('refuses details that Azure has no place for', async () => {
    const quarantine = new AcrQuarantine(as('writer'));

    await expect(
      quarantine.release(repository, digest, { details: { state: 'x'.repeat(300) } }),
    ).rejects.toThrow(/Too big/);
    expect(await quarantine.state(repository, digest)).toMatchObject({ verdict: 'pending' });
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
