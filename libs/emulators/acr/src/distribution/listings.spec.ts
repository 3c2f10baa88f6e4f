import { errorCodes, json, nextPage } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running } from '../testing/registry-fixture.js';

const running = new Running();
afterEach(() => running.stop());

async function withTags(...tags: string[]) {
  const registry = await running.registry();
  const client = clientOf(registry, developer);
  const manifest = await client.pushImage('team/api', tags[0]!, 'layer');
  for (const tag of tags.slice(1)) await client.mustPut('team/api', tag, manifest);
  return { registry, client };
}

describe('emulators/acr/distribution/listings', () => {
  it('does not know the tags of a repository without manifests', async () => {
    const { client } = await withTags('1.0');
    await client.pushBlob('empty', Buffer.from('x'));
    const answer = await client.send('GET', '/v2/empty/tags/list');
    expect([answer.status, errorCodes(answer)]).toEqual([404, ['NAME_UNKNOWN']]);
  });

  it('wants metadata_read for tags, not pull', async () => {
    const { client } = await withTags('1.0');
    const answer = await client.sendWithScopes(['repository:team/api:pull'], 'GET', '/v2/team/api/tags/list');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('scope="repository:team/api:metadata_read"');
  });

  it.each(['-1', 'x', '1.5'])('refuses a page of %s tags', async (n) => {
    const { client } = await withTags('1.0');
    const answer = await client.send('GET', `/v2/team/api/tags/list?n=${n}`);
    expect([answer.status, errorCodes(answer)]).toEqual([400, ['PAGINATION_NUMBER_INVALID']]);
  });

  it('lists all tags in order', async () => {
    const { client } = await withTags('b', 'A', 'a');
    const answer = await client.send('GET', '/v2/team/api/tags/list');
    expect(json(answer)).toEqual({ name: 'team/api', tags: ['A', 'a', 'b'] });
    expect(answer.headers.link).toBeUndefined();
  });

  it('leads from page to page', async () => {
    const { client } = await withTags('a', 'b', 'c', 'd', 'e');
    const pages: string[][] = [];
    for (let path = '/v2/team/api/tags/list?n=2'; path !== '';) {
      const answer = await client.send('GET', path);
      pages.push([...json(answer).tags]);
      path = nextPage(answer);
    }
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('goes on behind a tag that is gone', async () => {
    const { client } = await withTags('a', 'c');
    expect(json(await client.send('GET', '/v2/team/api/tags/list?last=b')).tags).toEqual(['c']);
  });

  it('lists repositories that hold a manifest', async () => {
    const { client } = await withTags('1.0');
    await client.pushImage('base', 'latest', 'layer');
    await client.pushBlob('empty', Buffer.from('x'));
    expect(json(await client.send('GET', '/v2/_catalog'))).toEqual({ repositories: ['base', 'team/api'] });
  });

  it('does not show the catalog to one who has only some repositories', async () => {
    const { registry } = await withTags('1.0');
    const answer = await clientOf(registry, reader).send('GET', '/v2/_catalog');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });
});
