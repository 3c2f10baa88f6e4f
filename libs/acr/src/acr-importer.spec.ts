import { digestOf, RepositoryName } from '@pratique/contracts';
import { AcrImporter } from './acr-importer.js';

const resourceId =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/customer';
const request = {
  source: { registryUri: 'vendor.azurecr.io', credentials: { password: 'secret' } },
  repository: RepositoryName.parse('team/app'),
  digest: digestOf('image'),
};
const token = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };

describe('acr/acr-importer', () => {
  it('refuses a resource id that is not a registry’s', () => {
    expect(() => new AcrImporter({ credential: token, resourceId: '/subscriptions/s' })).toThrow(
      '"/subscriptions/s" is not the resource id of a container registry',
    );
  });

  it('sends no token over plain http to another machine', async () => {
    const importer = new AcrImporter({
      credential: token,
      resourceId,
      armEndpoint: 'http://management.example.com',
      retries: 0,
    });

    await expect(importer.import(request)).rejects.toThrow(/https/);
  });

  it('says so when nobody answers', async () => {
    const importer = new AcrImporter({
      credential: token,
      resourceId,
      // Port 1 needs privileges to listen on, so nobody does.
      armEndpoint: 'http://127.0.0.1:1',
      retries: 0,
    });

    await expect(importer.import(request)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('does not start when it was told to stop before', async () => {
    const importer = new AcrImporter({ credential: token, resourceId });
    const signal = AbortSignal.abort(new Error('shutting down'));

    await expect(importer.import({ ...request, signal })).rejects.toThrow('shutting down');
  });
});
