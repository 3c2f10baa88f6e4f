import { AzureIdentity } from '@pratique/config';
import { z } from 'zod';
import { baseSettings, PasswordCredentials } from './registry-settings.js';

const IdentityCredentials = z.strictObject({
  identity: AzureIdentity.describe(
    'An Entra identity: of the pod, of the machine, or whatever the Azure SDK finds',
  ),
});

const AcrCredentials = z.union([PasswordCredentials, IdentityCredentials], {
  error: 'are neither { username, password } nor { identity: workload | managed | default }',
});

const armResource =
  /^\/subscriptions\/[^/\s?#]+\/resourceGroups\/[^/\s?#]+\/providers\/Microsoft\.ContainerRegistry\/registries\/[a-z0-9]{5,50}$/i;

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

// The endpoint receives a token that may change the registry; without TLS it may only be a stand-in on this machine.
function isSafeEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && loopbackHosts.includes(hostname));
}

/** Settings of an Azure Container Registry. */
export const AcrSettings = z.strictObject({
  ...baseSettings,
  kind: z.literal('acr'),
  credentials: AcrCredentials.optional().describe('Without them, Pratique pulls anonymously'),
  pushCredentials: AcrCredentials.optional().describe(
    'Who writes there; without them, whoever `credentials` names. With them, that one only reads',
  ),
  tier: z
    .enum(['basic', 'standard', 'premium'])
    .optional()
    .describe('Its pricing tier, which says how many requests it bears; without it, standard'),
  quarantine: z
    .boolean()
    .optional()
    .describe('The quarantine policy is on: Pratique releases what its scan passes'),
  resourceId: z
    .string()
    .regex(
      armResource,
      'is not /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerRegistry/registries/…, as `az acr show --query id` prints it',
    )
    .optional()
    .describe('With it, images are copied by the registry itself (importImage)'),
  armEndpoint: z
    .string()
    .max(255)
    .refine(isSafeEndpoint, 'is not an https address (plain http is for this machine only)')
    .optional()
    .describe('Azure Resource Manager of another cloud, or an emulator'),
});
export type AcrSettings = z.output<typeof AcrSettings>;

/** What the command line of Azure calls a registry: the first label of its host; a stand-in where that is not known. */
export function azureName(host: string | undefined): string {
  return /^([a-z0-9]{5,50})\.azurecr\./.exec(host ?? '')?.[1] ?? '<registry>';
}
