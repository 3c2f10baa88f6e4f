import type { TokenCredential } from '@azure/identity';
import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  type AcrEmulator,
  EmulatedCredential,
  emulatedEntra,
  type InterceptedRequest,
  startAcrEmulator,
} from '@pratique/emulators-acr';
import { buildArtifact, pushImage, RegistryClient } from '@pratique/oci';
import { entraTokens } from './entra-tokens.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1');
const image = buildArtifact({ files: { 'a.txt': 'a' } });

describe('acr/entra-tokens', () => {
  const entra = emulatedEntra();
  const credential = new EmulatedCredential({ entra, objectId: 'sync' });
  const requests: InterceptedRequest[] = [];
  let registry: AcrEmulator;
  let clients: RegistryClient[];
  let clock: number;

  beforeEach(async () => {
    clock = Date.now();
    clients = [];
    requests.length = 0;
    registry = await startAcrEmulator({
      name: 'customer',
      entra,
      identities: [
        {
          name: 'sync',
          credentials: { entraObjectId: 'sync' },
          repositories: ['team/*'],
          actions: ['pull', 'push'],
        },
      ],
      intercept: (request) => {
        requests.push(request);
        return Promise.resolve('proceed');
      },
      now: () => clock,
    });
  });

  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await registry.close();
  });

  function clientWith(by: TokenCredential): RegistryClient {
    const host = RegistryHost.parse(registry.host);
    const client = new RegistryClient({
      host,
      plainHttp: true,
      tokens: entraTokens({ credential: by, host, plainHttp: true }),
    });
    clients.push(client);
    return client;
  }

  function countOf(path: string): number {
    return requests.filter((request) => request.path.startsWith(path)).length;
  }

  it('lets an Entra identity push and pull', async () => {
    const client = clientWith(credential);

    await pushImage(client, image, { repository, tags: [tag] });

    expect((await client.resolve(repository, tag))?.digest).toBe(image.root.digest);
  });

  it('exchanges the Entra token once, however many ask at the same moment', async () => {
    const client = clientWith(credential);

    await Promise.all(Array.from({ length: 8 }, () => client.resolve(repository, tag)));
    await client.resolve(RepositoryName.parse('team/other'), tag);

    expect(countOf('/oauth2/exchange')).toBe(1);
    expect(countOf('/oauth2/token')).toBe(2);
  });

  it('gets a new refresh token when the registry no longer takes the old one', async () => {
    const client = clientWith(credential);
    await pushImage(client, image, { repository, tags: [tag] });
    // The registry's clock only: all of its tokens are past their time, and this process thinks them good.
    clock += 24 * 3600 * 1000;

    expect((await client.resolve(repository, tag))?.digest).toBe(image.root.digest);
    expect(countOf('/oauth2/exchange')).toBe(2);
  });

  it('says so when the registry does not know the identity', async () => {
    const client = clientWith(new EmulatedCredential({ entra, objectId: 'stranger' }));

    await expect(client.resolve(repository, tag)).rejects.toMatchObject({
      name: 'OciError',
      code: 'not-authenticated',
      operation: 'get-token',
    });
  });

  it('says so when Entra gives no token, and does not contact the registry for one', async () => {
    const failure = Object.assign(new Error('WorkloadIdentityCredential: no file\nmore'), {
      name: 'CredentialUnavailableError',
    });
    const client = clientWith({ getToken: () => Promise.reject(failure) });

    await expect(client.resolve(repository, tag)).rejects.toMatchObject({
      code: 'not-authenticated',
      message: expect.stringContaining('(WorkloadIdentityCredential: no file).') as string,
      // The endpoint of a node that has just started answers late.
      retryable: true,
    });
    expect(countOf('/oauth2')).toBe(0);
  });
});
