import type { ContainerRegistryManagementClientOptionalParams } from '@azure/arm-containerregistry';

type AdditionalPolicy = NonNullable<
  ContainerRegistryManagementClientOptionalParams['additionalPolicies']
>[number];

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export interface ArmEndpoint {
  /** What the Azure client is told. */
  endpoint: string;
  additionalPolicies: AdditionalPolicy[];
}

/**
 * Lets the Azure client speak plain HTTP to an emulator on this machine.
 *
 * The client sends tokens over https only, and takes the poll address from the answer. So it is told https, and a policy
 * behind the one that adds the token turns the scheme round, on the way out and in the answer's `Location`. For any other
 * host nothing is changed, and plain http is refused by the client itself.
 */
export function armEndpointFor(address: string): ArmEndpoint {
  const url = new URL(address);
  if (url.protocol !== 'http:' || !loopbackHosts.includes(url.hostname))
    return { endpoint: url.origin, additionalPolicies: [] };
  const plain = `http://${url.host}`;
  const claimed = `https://${url.host}`;
  const policy: AdditionalPolicy['policy'] = {
    name: 'PlainHttpToLoopback',
    async sendRequest(request, next) {
      request.url = replaceOrigin(request.url, claimed, plain);
      request.allowInsecureConnection = request.url.startsWith(`${plain}/`);
      const response = await next(request);
      const location = response.headers.get('location');
      if (location !== undefined) response.headers.set('location', replaceOrigin(location, plain, claimed));
      return response;
    },
  };
  return { endpoint: claimed, additionalPolicies: [{ policy, position: 'perRetry' }] };
}

function replaceOrigin(address: string, from: string, to: string): string {
  return address.startsWith(`${from}/`) ? `${to}${address.slice(from.length)}` : address;
}
