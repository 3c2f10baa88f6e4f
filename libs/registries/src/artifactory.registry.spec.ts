import { contractSenders } from './contract-senders.contract.js';
import { hearDelivery, inShort } from './hear-recordings.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';

const [token, signed] = contractSenders.artifactory;

describe('registries/artifactory.registry', () => {
  const [withToken] = recordedDeliveries('artifactory', 'token-pushed');
  const [withSignature] = recordedDeliveries('artifactory', 'signed-pushed-index');

  it('does not take the secret for a signature, nor a signature for the secret', async () => {
    expect(await hearDelivery('artifactory', withToken!, { sender: signed! })).toMatchObject({
      reason: 'not-authenticated',
    });
    expect(await hearDelivery('artifactory', withSignature!, { sender: token! })).toMatchObject({
      reason: 'not-authenticated',
    });
  });

  it.each([
    [{ 'docker-local': 'docker' }, ['pushed docker/tripinsights/poi:1.8.0@930ed49d']],
    [{ 'docker-local': '' }, ['pushed tripinsights/poi:1.8.0@930ed49d']],
    [{ 'other-local': 'docker' }, []],
  ])('calls the repository what %j says', async (repositoryKeys, expected) => {
    const heard = await hearDelivery('artifactory', withToken!, { settings: { repositoryKeys } });

    expect(inShort(heard)).toEqual(expected);
  });
});
