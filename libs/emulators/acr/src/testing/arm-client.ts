import { ContainerRegistryManagementClient } from '@azure/arm-containerregistry';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

import type { ArmEmulator } from '../arm/arm-emulator.js';
import { EmulatedCredential } from '../entra/emulated-credential.js';
import { armAudience, type EmulatedEntra } from '../entra/emulated-entra.js';

/**
 * Lets an Azure client reach a plain HTTP server on loopback. The policy that adds the bearer token throws unless
 * the URL is https, and has no option to relent; so the client is given an https endpoint, and this policy, placed
 * behind that one, rewrites the scheme. The header tells the server to answer with https URLs (Location), because
 * the client puts those through the same check.
 */
const plainHttpOnLoopback: PipelinePolicy = {
  name: 'plainHttpOnLoopback',
  async sendRequest(request, next) {
    const secureUrl = request.url;
    request.url = secureUrl.replace(/^https:/, 'http:');
    request.allowInsecureConnection = true;
    request.headers.set('x-forwarded-proto', 'https');
    try {
      return await next(request);
    } finally {
      request.url = secureUrl;
    }
  },
};

/** The real management client, for an emulated Resource Manager and as one of its principals. */
export function armClient(
  arm: ArmEmulator,
  { entra, objectId, subscriptionId }: { entra: EmulatedEntra; objectId: string; subscriptionId: string },
): ContainerRegistryManagementClient {
  return new ContainerRegistryManagementClient(new EmulatedCredential({ entra, objectId }), subscriptionId, {
    endpoint: arm.endpoint,
    // Without this the client asks for a token for its endpoint, which is no audience that anyone knows.
    credentials: { scopes: [`${armAudience}/.default`] },
    // `perRetry` comes last of all policies, so also behind the one that adds the token.
    additionalPolicies: [{ policy: plainHttpOnLoopback, position: 'perRetry' }],
  });
}
