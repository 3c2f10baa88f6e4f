import { RepositoryName, Tag } from '@pratique/contracts';
import {
  type HeardRequest,
  type ScriptedExchange,
  type ScriptedRegistry,
  startScriptedRegistry,
} from '@pratique/testing';
import { anonymousTokens } from './anonymous-tokens.js';
import { basicTokens } from './basic-tokens.js';
import { RegistryClient, type RegistryClientOptions } from './registry-client.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1.0.0');
const found = {
  status: 200,
  headers: { 'content-type': 'a/b', 'docker-content-digest': `sha256:${'a'.repeat(64)}` },
};
const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;

describe('oci/registry-authorization', () => {
  let registry: ScriptedRegistry;
  let client: RegistryClient;

  beforeEach(async () => {
    registry = await startScriptedRegistry();
  });

  afterEach(async () => {
    await client.close();
    await registry.close();
  });

  function connect(options: Partial<RegistryClientOptions> = {}): void {
    const tokens = basicTokens({ username: 'user', password: () => 'secret' });
    client = new RegistryClient({
      host: registry.host,
      plainHttp: true,
      tokens,
      retryDelayMs: 0,
      ...options,
    });
  }

  const ask = async (): Promise<unknown> => await client.resolve(repository, tag);
  const head = (reply: ScriptedExchange['reply'], times = 1): ScriptedExchange => ({
    method: 'HEAD',
    path: /manifests/,
    reply,
    times,
  });
  const wantsBearer = (more = ''): ScriptedExchange =>
    head({
      status: 401,
      headers: {
        'www-authenticate': `Bearer realm="http://${registry.host}/token?x=1",service="reg"${more}`,
      },
    });
  const tokenRequests = (): HeardRequest[] => registry.heard.filter(({ path }) => path.startsWith('/token'));
  const hands = (token: string, more: object = {}): ScriptedExchange => ({
    method: 'GET',
    path: /^\/token/,
    reply: { status: 200, body: JSON.stringify({ access_token: token, expires_in: 300, ...more }) },
  });

  it('trades user and password for a token of the rights that are needed', async () => {
    registry.add(wantsBearer(',scope="repository:team/app:pull"'), hands('t1'), head(found));
    connect();
    await ask();
    const [asked] = tokenRequests();
    expect(asked?.headers.authorization).toBe(basic);
    expect(asked?.path).toBe('/token?x=1&service=reg&scope=repository%3Ateam%2Fapp%3Apull');
    expect(registry.heard.at(-1)?.headers.authorization).toBe('Bearer t1');
  });

  it('uses a token again instead of asking each time', async () => {
    registry.add(wantsBearer(), hands('t1'), head(found, 5));
    connect();
    await ask();
    await Promise.all([ask(), ask(), ask()]);
    expect(tokenRequests()).toHaveLength(1);
    expect(registry.heard.filter(({ method }) => method === 'HEAD')).toHaveLength(5);
  });

  it('asks for what the challenge says besides, and remembers it for the next request of the kind', async () => {
    registry.add(wantsBearer(',scope="repository:team/app:metadata_read"'), hands('t1'), head(found, 2));
    connect();
    await ask();
    await ask();
    expect(tokenRequests()).toHaveLength(1);
    expect(tokenRequests()[0]?.path).toContain('metadata_read%2Cpull');
  });

  it('fetches one new token when the registry no longer takes the old one', async () => {
    registry.add(wantsBearer(), hands('t1'), head(found), wantsBearer(), hands('t2'), head(found));
    connect();
    await ask();
    await ask();
    expect(registry.heard.at(-1)?.headers.authorization).toBe('Bearer t2');
  });

  it('does not go on asking when the new token is refused too', async () => {
    registry.add(wantsBearer(), hands('t1'), wantsBearer(), wantsBearer());
    connect();
    await expect(ask()).rejects.toMatchObject({ code: 'not-authenticated', status: 401 });
    expect(tokenRequests()).toHaveLength(1);
  });

  it('sends the password where the registry takes it directly', async () => {
    registry.add(head({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }), head(found));
    connect();
    await ask();
    expect(registry.heard.at(-1)?.headers.authorization).toBe(basic);
  });

  it('pulls as nobody in particular without sending any authorization for the token', async () => {
    registry.add(wantsBearer(), hands('t1'), head(found));
    connect({ tokens: anonymousTokens() });
    await ask();
    expect(tokenRequests()[0]?.headers).not.toHaveProperty('authorization');
  });

  it('says that credentials are missing where nobody may come in', async () => {
    registry.add(head({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    connect({ tokens: anonymousTokens() });
    await expect(ask()).rejects.toThrow('add `credentials`');
  });

  it('gives no password to a realm on another host', async () => {
    const thief = await startScriptedRegistry();
    try {
      registry.add(
        head({ status: 401, headers: { 'www-authenticate': `Bearer realm="http://${thief.host}/token"` } }),
      );
      connect();
      await expect(ask()).rejects.toMatchObject({ code: 'untrusted-address' });
      expect(thief.heard).toEqual([]);
    } finally {
      await thief.close();
    }
  });

  it('takes tokens from another host when the configuration names it', async () => {
    const issuer = await startScriptedRegistry(hands('t1'));
    try {
      registry.add(
        head({ status: 401, headers: { 'www-authenticate': `Bearer realm="http://${issuer.host}/token"` } }),
        head(found),
      );
      connect({ authHosts: [issuer.host] });
      await ask();
      expect(issuer.heard).toHaveLength(1);
    } finally {
      await issuer.close();
    }
  });

  it.each(['ftp://127.0.0.1/token', 'not an address', ''])('refuses the realm %p', async (realm) => {
    registry.add(head({ status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } }));
    connect();
    await expect(ask()).rejects.toMatchObject({ code: 'untrusted-address' });
  });

  it('does not follow a redirect with the password', async () => {
    registry.add(wantsBearer(), {
      method: 'GET',
      path: /^\/token/,
      reply: { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    });
    connect();
    await expect(ask()).rejects.toMatchObject({ operation: 'get-token', code: 'protocol-violation' });
  });

  it.each([
    ['no token', { status: 200, body: '{}' }, { code: 'protocol-violation' }],
    ['no JSON', { status: 200, body: 'hello' }, { code: 'protocol-violation' }],
    ['an endless answer', { status: 200, body: 'x'.repeat(300_000) }, { code: 'limit-exceeded' }],
    ['a refusal', { status: 401, body: '{}' }, { code: 'not-authenticated', retryable: false }],
    [
      'no time',
      { status: 429, headers: { 'retry-after': '60' } },
      { code: 'throttled', retryAfterMs: 60_000 },
    ],
  ])('passes on that the token service has %s', async (_, reply, expected) => {
    registry.add(wantsBearer(), { method: 'GET', path: /^\/token/, reply });
    connect();
    await expect(ask()).rejects.toMatchObject({ operation: 'get-token', ...expected });
  });

  it('passes on a 401 that asks nothing', async () => {
    registry.add(head({ status: 401 }));
    connect();
    await expect(ask()).rejects.toMatchObject({ code: 'not-authenticated' });
  });

  it('prints no secret in its errors', async () => {
    registry.add(wantsBearer(), { method: 'GET', path: /^\/token/, reply: { status: 500, body: 'x' } });
    connect();
    const error: unknown = await ask().catch((reason: unknown) => reason);
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret|dXNlcjpzZWNyZXQ/);
  });
});
