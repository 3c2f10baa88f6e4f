import type { TokenCredential } from '@azure/identity';
import { AcrImporter, AcrQuarantine, entraTokens } from '@pratique/acr';
import { azureCredential } from '@pratique/azure-identity';
import { anonymousTokens, basicTokens, RegistryClient, type TokenSource } from '@pratique/oci';
import { isAzureRegistry, type RegistrySettings } from '@pratique/registries';
import { registryLimits } from './registry-limits.js';
import { RegistryManners } from './registry-manners.js';

/** A registry that the configuration names, ready to use. */
export interface RegistryConnection {
  settings: RegistrySettings;
  /** Reads and writes, as whoever may push. */
  client: RegistryClient;
  /** Reads only, as whoever may pull: for the side that images are copied from. */
  reader: RegistryClient;
  /** Where the registry has a quarantine policy. */
  quarantine?: AcrQuarantine;
  /** Where the registry can fetch images itself: an ACR with a `resourceId` that is reached with an identity. */
  importer?: AcrImporter;
}

export interface RegistryAccess {
  /** Takes the place of the identities that the settings name: emulators and tests have one of their own. */
  credential?: TokenCredential | undefined;
  /** Shared with the other connections of the process, so that a host is treated well by all of them together. */
  manners?: RegistryManners;
}

/** Makes the clients of one registry. Nothing is contacted before it is used; close with {@link closeRegistry} when done. */
export function connectRegistry(settings: RegistrySettings, access: RegistryAccess = {}): RegistryConnection {
  const { credentials, pushCredentials = credentials } = settings;
  const credential = credentialOf(pushCredentials, access);
  const connect = (as: Credentials, right: 'read' | 'write'): RegistryClient =>
    connectClient(settings, { ...access, as, right });
  const client = connect(pushCredentials, 'write');
  const connection = { settings, client, reader: connect(credentials, 'read') };
  if (!isAzureRegistry(settings)) return connection;
  return {
    ...connection,
    ...(settings.quarantine === true && { quarantine: new AcrQuarantine(client) }),
    ...(settings.resourceId !== undefined &&
      credential !== undefined && {
        importer: new AcrImporter({
          credential,
          resourceId: settings.resourceId,
          ...(settings.armEndpoint !== undefined && { armEndpoint: settings.armEndpoint }),
        }),
      }),
  };
}

/** Ends the connections of one registry; what is under way may end. */
export async function closeRegistry({ client, reader }: RegistryConnection): Promise<void> {
  await Promise.all([client.close(), reader.close()]);
}

type Credentials = RegistrySettings['credentials'];

function connectClient(
  settings: RegistrySettings,
  {
    as,
    right,
    manners = new RegistryManners(),
    ...access
  }: RegistryAccess & { as: Credentials; right: 'read' | 'write' },
): RegistryClient {
  const { upload } = registryLimits(settings);
  const { host, plainHttp = false } = settings;
  return new RegistryClient({
    host,
    plainHttp,
    tokens: tokensFor(settings, as, credentialOf(as, access)),
    access: right,
    manners: manners.towards(settings),
    ...(upload && { upload }),
  });
}

function credentialOf(credentials: Credentials, access: RegistryAccess): TokenCredential | undefined {
  if (credentials === undefined || !('identity' in credentials)) return undefined;
  return access.credential ?? azureCredential(credentials.identity);
}

function tokensFor(
  { host, plainHttp = false }: RegistrySettings,
  credentials: Credentials,
  credential: TokenCredential | undefined,
): TokenSource {
  if (credential !== undefined) return entraTokens({ credential, host, plainHttp });
  if (credentials === undefined || 'identity' in credentials) return anonymousTokens();
  const { username, password } = credentials;
  return basicTokens({ username, password: () => password.reveal() });
}
