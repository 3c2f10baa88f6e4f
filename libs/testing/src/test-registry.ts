import { RegistryHost } from '@pratique/contracts';
import {
  type AcrEmulator,
  type AcrEmulatorOptions,
  type Identity,
  type Intercept,
  startAcrEmulator,
} from '@pratique/emulators-acr';
import { basicTokens, RegistryClient, type RegistryClientOptions } from '@pratique/oci';

/** A registry that runs for one test, with an identity that may do everything but look behind the quarantine. */
export interface TestRegistry {
  emulator: AcrEmulator;
  client: RegistryClient;
  /** What the registry was asked since the last call, as `METHOD path`, without token requests. */
  heard(): string[];
  /** Decides about the next requests: cut them, or answer in the registry's place. */
  intercept(intercept: Intercept): void;
  close(): Promise<void>;
}

export interface TestRegistryOptions {
  emulator?: Partial<AcrEmulatorOptions>;
  client?: Partial<RegistryClientOptions>;
}

const credentials = { username: 'tester', password: 'correct horse' };

const tester: Identity = {
  name: 'tester',
  credentials,
  repositories: ['*'],
  actions: ['pull', 'push', 'delete', 'metadata_read', 'metadata_write'],
};

/** Starts an emulated Azure Container Registry on a free port, and a client that is logged in to it. */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  let lines: string[] = [];
  let decide: Intercept = () => Promise.resolve('proceed');
  const emulator = await startAcrEmulator({
    name: 'test',
    identities: [tester],
    ...options.emulator,
    intercept: (request) => {
      if (!request.path.startsWith('/oauth2/')) lines.push(`${request.method} ${request.path}`);
      return decide(request);
    },
  });
  const client = new RegistryClient({
    host: RegistryHost.parse(emulator.host),
    plainHttp: true,
    tokens: basicTokens({ username: credentials.username, password: () => credentials.password }),
    retryDelayMs: 0,
    ...options.client,
  });
  return {
    emulator,
    client,
    heard() {
      const taken = lines;
      lines = [];
      return taken;
    },
    intercept(next) {
      decide = next;
    },
    async close() {
      await client.close();
      await emulator.close();
    },
  };
}
