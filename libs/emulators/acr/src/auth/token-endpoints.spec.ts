import type { AcrEmulator } from '../acr-emulator.js';
import { armAudience, containerRegistryAudience, emulatedEntra } from '../entra/emulated-entra.js';
import { type Answer, basic, challengeOf, errorCodes, json, send } from '../testing/registry-client.js';
import { clientOf, developer, reader, Running } from '../testing/registry-fixture.js';
import type { Identity } from './identity.js';

const running = new Running();
afterEach(() => running.stop());

const workload: Identity = {
  name: 'workload',
  credentials: { entraObjectId: 'workload-object' },
  repositories: ['team/*'],
  actions: ['pull'],
};

function post(
  registry: AcrEmulator,
  path: string,
  form: Record<string, string> | URLSearchParams,
): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return send(registry, `POST ${path}`, { headers, body: new URLSearchParams(form).toString() });
}

function exchange(registry: AcrEmulator, token: string): Promise<Answer> {
  return post(registry, '/oauth2/exchange', {
    grant_type: 'access_token',
    service: registry.host,
    access_token: token,
  });
}

/** The token in an answer of the token endpoint, used for a request. */
function use(registry: AcrEmulator, answer: Answer, path: string): Promise<Answer> {
  const authorization = `Bearer ${json(answer).access_token}`;
  return send(registry, `GET ${path}`, { headers: { authorization } });
}

function refreshTokenOf(answer: Answer): string {
  return json(answer).refresh_token;
}

async function withEntra(options = {}) {
  const entra = emulatedEntra(options);
  const registry = await running.registry({ entra, identities: [developer, reader, workload], ...options });
  await clientOf(registry, developer).pushImage('team/api', '1.0', 'layer');
  return { entra, registry };
}

describe('emulators/acr/auth/token-endpoints', () => {
  it('does not start with two identities of one name', async () => {
    await expect(
      running.registry({ identities: [developer, { ...reader, name: developer.name }] }),
    ).rejects.toThrow(/developer is taken/);
  });

  it('challenges a ping without saying for what', async () => {
    const registry = await running.registry();
    const answer = await send(registry, 'GET /v2/');
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="http://${registry.host}/oauth2/token",service="${registry.host}"`,
    );
  });

  it('names the scope in the challenge of a pull', async () => {
    const registry = await running.registry();
    const answer = await send(registry, 'GET /v2/team/api/manifests/1.0');
    expect(challengeOf(answer)).toEqual({
      realm: `http://${registry.host}/oauth2/token`,
      service: registry.host,
      scope: 'repository:team/api:pull',
    });
  });

  it('speaks of https to a client that came through TLS', async () => {
    const registry = await running.registry();
    const answer = await send(registry, 'GET /v2/', { headers: { 'x-forwarded-proto': 'https' } });
    expect(challengeOf(answer).realm).toBe(`https://${registry.host}/oauth2/token`);
  });

  it.each([
    ['a wrong password', basic({ username: 'developer', password: 'guess' })],
    ['an unknown user', basic({ username: 'nobody', password: 'correct:horse' })],
    ['no credentials', ''],
  ])('gives no token for %s', async (_, authorization) => {
    const registry = await running.registry();
    const answer = await send(registry, `GET /oauth2/token?service=x`, { headers: { authorization } });
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });

  it.each(['garbage', 'a.b.c', ''])('refuses the bearer token %p', async (token) => {
    const registry = await running.registry();
    const answer = await send(registry, 'GET /v2/', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });

  it('refuses a token of another registry', async () => {
    const [one, two] = [await running.registry(), await running.registry({ name: 'customer' })];
    const token = await send(one, 'GET /oauth2/token?service=x', {
      headers: { authorization: basic(clientOf(one, developer).login) },
    });
    expect((await use(one, token, '/v2/')).status).toBe(200);
    expect((await use(two, token, '/v2/')).status).toBe(401);
  });

  it.each([
    ['another repository', 'team/other'],
    ['a repository outside the identity', 'private'],
  ])('refuses a pull token at %s', async (_, repository) => {
    const { registry } = await withEntra();
    await clientOf(registry, developer).pushImage(repository, '1.0', 'layer');
    const query = 'service=x&scope=repository:team/api:pull&scope=repository:private:pull';
    const token = await send(registry, `GET /oauth2/token?${query}`, {
      headers: { authorization: basic(clientOf(registry, reader).login) },
    });
    expect((await use(registry, token, '/v2/team/api/manifests/1.0')).status).toBe(200);
    const refused = await use(registry, token, `/v2/${repository}/manifests/1.0`);
    expect(refused.status).toBe(401);
    expect(challengeOf(refused).error).toBe('insufficient_scope');
  });

  it('refuses an access token that has expired', async () => {
    let now = Date.now();
    const registry = await running.registry({ now: () => now });
    const token = await send(registry, 'GET /oauth2/token?service=x', {
      headers: { authorization: basic(clientOf(registry, developer).login) },
    });
    now += 74 * 60 * 1000;
    expect((await use(registry, token, '/v2/')).status).toBe(200);
    now += 2 * 60 * 1000;
    expect((await use(registry, token, '/v2/')).status).toBe(401);
  });

  it('takes user name and password in a request itself', async () => {
    const registry = await running.registry();
    const authorization = basic(clientOf(registry, developer).login);
    expect((await send(registry, 'GET /v2/_catalog', { headers: { authorization } })).status).toBe(200);
  });

  it('does not exchange an Entra token for another audience', async () => {
    const { entra, registry } = await withEntra();
    const answer = await exchange(registry, entra.issue('workload-object', 'https://vault.azure.net').token);
    expect([answer.status, errorCodes(answer)]).toEqual([401, ['UNAUTHORIZED']]);
  });

  it('does not exchange an Entra token of another tenant', async () => {
    const { registry } = await withEntra();
    const foreign = emulatedEntra().issue('workload-object', containerRegistryAudience);
    expect((await exchange(registry, foreign.token)).status).toBe(401);
  });

  it('does not exchange an Entra token of a principal without a role', async () => {
    const { entra, registry } = await withEntra();
    expect((await exchange(registry, entra.issue('stranger', containerRegistryAudience).token)).status).toBe(
      401,
    );
  });

  it('does not exchange an Entra token that has expired', async () => {
    let now = Date.now();
    const { entra, registry } = await withEntra({ now: () => now });
    const { token, expiresOnTimestamp } = entra.issue('workload-object', containerRegistryAudience);
    now = expiresOnTimestamp + 1;
    expect((await exchange(registry, token)).status).toBe(401);
  });

  it('does not take an access token for a refresh token', async () => {
    const registry = await running.registry();
    const token = await send(registry, 'GET /oauth2/token?service=x', {
      headers: { authorization: basic(clientOf(registry, developer).login) },
    });
    const refresh = json(token).access_token;
    const form = { grant_type: 'refresh_token', service: 'x', refresh_token: refresh };
    expect((await post(registry, '/oauth2/token', form)).status).toBe(401);
  });

  it.each(['/oauth2/exchange', '/oauth2/token'])('refuses an unknown grant at %s', async (path) => {
    const registry = await running.registry();
    expect((await post(registry, path, { grant_type: 'device_code', service: 'x' })).status).toBe(400);
  });

  it.each([containerRegistryAudience, armAudience])(
    'leads from an Entra token for %s to a pull',
    async (audience) => {
      const { entra, registry } = await withEntra();
      const exchanged = await exchange(registry, entra.issue('workload-object', audience).token);
      const token = await post(registry, '/oauth2/token', {
        grant_type: 'refresh_token',
        service: registry.host,
        scope: 'repository:team/api:pull,push',
        refresh_token: refreshTokenOf(exchanged),
      });
      expect((await use(registry, token, '/v2/team/api/manifests/1.0')).status).toBe(200);
    },
  );

  it('takes a refresh token as the password of docker login', async () => {
    const { entra, registry } = await withEntra();
    const exchanged = await exchange(
      registry,
      entra.issue('workload-object', containerRegistryAudience).token,
    );
    const login = { username: '00000000-0000-0000-0000-000000000000', password: refreshTokenOf(exchanged) };
    const token = await send(registry, 'GET /oauth2/token?service=x&scope=repository:team/api:pull', {
      headers: { authorization: basic(login) },
    });
    expect((await use(registry, token, '/v2/team/api/manifests/1.0')).status).toBe(200);
  });

  it('gives a token for user name and password in a form', async () => {
    const { registry } = await withEntra();
    const form = { grant_type: 'password', service: 'x', scope: 'repository:team/api:pull' };
    const token = await post(registry, '/oauth2/token', { ...form, ...clientOf(registry, reader).login });
    expect((await use(registry, token, '/v2/team/api/manifests/1.0')).status).toBe(200);
  });

  it.each(['GET', 'POST'])(
    'lets anyone pull with an anonymous token by %s, and nothing more',
    async (method) => {
      const { registry } = await withEntra({ anonymousPull: true });
      const form = { grant_type: 'password', service: 'x', scope: 'repository:team/api:pull,push' };
      const token =
        method === 'GET'
          ? await send(registry, `GET /oauth2/token?${new URLSearchParams(form).toString()}`)
          : await post(registry, '/oauth2/token', form);
      expect((await use(registry, token, '/v2/team/api/manifests/1.0')).status).toBe(200);
      const authorization = `Bearer ${json(token).access_token}`;
      const push = await send(registry, 'POST /v2/team/api/blobs/uploads/', {
        headers: { authorization },
      });
      expect(push.status).toBe(401);
    },
  );
});
