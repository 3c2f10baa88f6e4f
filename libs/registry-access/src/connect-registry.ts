import type { TokenCredential } from '@azure/identity';
import { AcrImporter, AcrQuarantine, entraTokens } from '@pratique/acr';
import { azureCredential } from '@pratique/azure-identity';
import { anonymousTokens, basicTokens, RegistryClient, type TokenSource } from '@pratique/oci';
import { isAzureRegistry, type RegistrySettings } from '@pratique/registries';

/** A registry that the configuration names, ready to use. */
export interface RegistryConnection {
  settings: RegistrySettings;
  client: RegistryClient;
  /** Where the registry has a quarantine policy. */
  quarantine?: AcrQuarantine;
  /** Where the registry can fetch images itself: an ACR with a `resourceId` that is reached with an identity. */
  importer?: AcrImporter;
}

export interface RegistryAccess {
  /** Takes the place of the identities that the settings name: emulators and tests have one of their own. */
  credential?: TokenCredential | undefined;
}

/** Makes the clients of one registry. Nothing is contacted before it is used; close `client` when done. */
export function connectRegistry(settings: RegistrySettings, access: RegistryAccess = {}): RegistryConnection {
  const credential = credentialOf(settings, access);
  const client = new RegistryClient({
    host: settings.host,
    plainHttp: settings.plainHttp ?? false,
    tokens: tokensFor(settings, credential),
  });
  const connection = { settings, client };
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

function credentialOf(
  { credentials }: RegistrySettings,
  access: RegistryAccess,
): TokenCredential | undefined {
  if (credentials === undefined || !('identity' in credentials)) return undefined;
  return access.credential ?? azureCredential(credentials.identity);
}

function tokensFor(settings: RegistrySettings, credential: TokenCredential | undefined): TokenSource {
  const { credentials, host, plainHttp = false } = settings;
  if (credential !== undefined) return entraTokens({ credential, host, plainHttp });
  if (credentials === undefined || 'identity' in credentials) return anonymousTokens();
  const { username, password } = credentials;
  return basicTokens({ username, password: () => password.reveal() });
}
