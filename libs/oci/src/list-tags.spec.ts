import { RepositoryName } from '@pratique/contracts';
import { type ScriptedRegistry, type ScriptedReply, startScriptedRegistry } from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import { RegistryClient } from './registry-client.js';

const repository = RepositoryName.parse('team/app');

describe('oci/list-tags', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await startScriptedRegistry();
    client = new RegistryClient({
      host: registry.host,
      plainHttp: true,
      tokens: anonymousTokens(),
      retryDelayMs: 0,
    });
  });

  afterEach(async () => {
    await client.close();
    await registry.close();
  });

  async function list(maxPages?: number): Promise<string[]> {
    const found: string[] = [];
    for await (const tag of client.tags(repository, maxPages === undefined ? {} : { maxPages }))
      found.push(tag);
    return found;
  }
  const page = (tags: string[] | null, link?: string): ScriptedReply => ({
    status: 200,
    headers: link === undefined ? {} : { link: `<${link}>; rel="next"` },
    body: JSON.stringify({ name: repository, tags }),
  });

  it('reads page after page, short ones too', async () => {
    registry.add(
      {
        method: 'GET',
        path: '/v2/team/app/tags/list?n=1000',
        reply: page(['a'], '/v2/team/app/tags/list?last=a'),
      },
      { method: 'GET', path: '/v2/team/app/tags/list?last=a', reply: page([], '?last=b') },
      { method: 'GET', path: '/v2/team/app/tags/list?last=b', reply: page(['c', 'd']) },
    );
    expect(await list()).toEqual(['a', 'c', 'd']);
  });

  it('finds none in a repository that is empty or not there', async () => {
    registry.add(
      { method: 'GET', path: /tags/, reply: page(null) },
      { method: 'GET', path: /tags/, reply: { status: 404 } },
    );
    expect(await list()).toEqual([]);
    expect(await list()).toEqual([]);
  });

  it('does not read pages without end', async () => {
    registry.add({ method: 'GET', path: /tags/, times: 1000, reply: page(['a'], '/v2/team/app/tags/list') });
    await expect(list(5)).rejects.toMatchObject({ code: 'limit-exceeded' });
    expect(registry.heard).toHaveLength(5);
  });

  it('does not follow a page to another host', async () => {
    registry.add({ method: 'GET', path: /tags/, reply: page(['a'], 'http://127.0.0.1:1/x') });
    await expect(list()).rejects.toMatchObject({ code: 'untrusted-address' });
  });

  it.each([
    ['names that are no tags', page(['../../etc/passwd'])],
    ['something else', { status: 200, body: '<html>' }],
  ])('refuses a list of %s', async (_, reply) => {
    registry.add({ method: 'GET', path: /tags/, reply });
    await expect(list()).rejects.toMatchObject({ code: 'protocol-violation' });
  });
});
