import { digestOf, RepositoryName, Tag } from '@pratique/contracts';
import { anonymousTokens, RegistryClient } from '@pratique/oci';
import { type ScriptedExchange, type ScriptedRegistry, startScriptedRegistry } from '@pratique/testing';
import { AcrLocks } from './acr-locks.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');
const digest = digestOf('image');
const tagPath = '/acr/v1/team/app/_tags/1.0.0';
const manifestPath = `/acr/v1/team/app/_manifests/${digest}`;

describe('acr/acr-locks', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;
  let locks: AcrLocks;

  async function start(...script: ScriptedExchange[]): Promise<void> {
    registry = await startScriptedRegistry(...script);
    client = new RegistryClient({ host: registry.host, plainHttp: true, tokens: anonymousTokens() });
    locks = new AcrLocks(client);
  }

  afterEach(async () => {
    await client.close();
    await registry.close();
  });

  const says = (path: string, body: unknown): ScriptedExchange => ({
    method: 'GET',
    path,
    reply: { status: 200, body: JSON.stringify(body) },
  });

  it.each([
    ['a tag', tag, tagPath, 'tag'],
    ['a manifest', digest, manifestPath, 'manifest'],
  ])('reads the lock of %s', async (_, reference, path, kind) => {
    const changeableAttributes = { writeEnabled: false, deleteEnabled: true, listEnabled: true };
    await start(says(path, { [kind]: { changeableAttributes } }));
    expect(await locks.state(repository, reference)).toEqual({ writeEnabled: false, deleteEnabled: true });
  });

  it.each([
    [true, true, false],
    [false, true, true],
    [true, false, true],
  ])(
    'takes what may be written: %s, deleted: %s for locked: %s',
    async (writeEnabled, deleteEnabled, locked) => {
      await start(says(tagPath, { tag: { changeableAttributes: { writeEnabled, deleteEnabled } } }));
      expect(await locks.isLocked(repository, tag)).toBe(locked);
    },
  );

  it('takes nothing for a lock where there is nothing', async () => {
    await start({ method: 'GET', path: tagPath, reply: { status: 404 } });
    expect(await locks.isLocked(repository, tag)).toBe(false);
  });

  it('does not take an answer that it cannot read for "not locked"', async () => {
    await start(says(tagPath, { name: '1.0.0' }));
    await expect(locks.isLocked(repository, tag)).rejects.toMatchObject({ code: 'protocol-violation' });
  });

  it.each([
    ['lock', false],
    ['unlock', true],
  ] as const)('changes both rights to %s', async (verb, enabled) => {
    await start({ method: 'PATCH', path: manifestPath, reply: { status: 200, body: '{}' } });
    expect(await locks[verb](repository, digest)).toBe(true);
    expect(JSON.parse(String(registry.heard[0]?.body))).toEqual({
      writeEnabled: enabled,
      deleteEnabled: enabled,
    });
  });

  it('says that there was nothing to lock', async () => {
    await start({ method: 'PATCH', path: tagPath, reply: { status: 404 } });
    expect(await locks.lock(repository, tag)).toBe(false);
  });
});
