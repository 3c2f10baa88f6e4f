import { type ImagePattern, type Network, SecretReference } from '@pratique/config';
import { RegistryHost, RegistryName } from '@pratique/contracts';
import { z } from 'zod';
import { type RateLimit, WebhookSettings } from './webhook-settings.js';

/** A user and password, for a registry that knows its users itself. */
export const PasswordCredentials = z.strictObject({
  username: z.string().min(1).max(255).describe('Who signs in'),
  password: SecretReference.describe('A reference to the password or token'),
});
export type PasswordCredentials = z.output<typeof PasswordCredentials>;

/** What every kind of registry has. */
export const baseSettings = {
  name: RegistryName.describe('Stands in the address of its webhook, in events, rules and logs'),
  host: RegistryHost.describe('Where it answers; Pratique never contacts a host that is not configured'),
  plainHttp: z.boolean().optional().describe('Speak HTTP without TLS: for a laptop and for tests'),
  pushCredentials: PasswordCredentials.optional().describe(
    'Who writes there; without them, whoever `credentials` names. With them, that one only reads',
  ),
  trust: z.string().min(1).max(63).optional().describe('Its place in the list `trust`'),
  webhook: WebhookSettings.optional().describe('Without it, POST /webhooks/<name> answers 404'),
};

/** The part of a registry's settings that any code can rely on, whatever the kind. */
export interface BaseSettings {
  name: RegistryName;
  host: RegistryHost;
  plainHttp?: boolean | undefined;
  trust?: string | undefined;
  webhook?:
    | {
        repositories?: ImagePattern[] | undefined;
        allowFrom?: Network[] | undefined;
        rateLimit?: RateLimit | undefined;
      }
    | undefined;
}
