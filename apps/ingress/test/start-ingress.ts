import { Secret } from '@pratique/config';
import {
  type Outcome,
  outcomeConsumerGroups,
  RegistryHost,
  RegistryName,
  registryEventsTopic,
} from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  type EmulatorOptions,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  inMemoryCheckpointStore,
  MessagingClients,
  MessagingModule,
  messagingSettingsFor,
  messagingTopology,
  OutcomeReader,
} from '@pratique/messaging';
import type { RegistriesSection, TrustSources } from '@pratique/registries';
import { HttpSettings, type LogOptions, startService } from '@pratique/service';
import type { z } from 'zod';
import type { JournalSettings } from '../src/journal/journal.settings.js';
import { IngressModule } from '../src/ingress.module.js';

/** The secret at the end of the addresses that are given to Docker Hub and Quay. */
export const hubToken = '0123456789abcdef0123456789abcdef';

/** The registries of the tests: senders that prove themselves in different ways, and one that sends nothing. */
export const registries: RegistriesSection = [
  {
    name: RegistryName.parse('vendor'),
    kind: 'acr',
    host: RegistryHost.parse('vendor.azurecr.io'),
    webhook: {
      secret: new Secret('vendor-secret'),
      previousSecret: new Secret('vendor-previous'),
      repositories: ['tripinsights/*', 'bicep/**'],
    },
  },
  {
    name: RegistryName.parse('development'),
    kind: 'distribution',
    host: RegistryHost.parse('127.0.0.1:5000'),
    webhook: {
      secret: new Secret('not-a-secret'),
      header: 'X-Pratique',
      repositories: ['team/*', 'multi/*'],
    },
  },
  {
    name: RegistryName.parse('hub'),
    kind: 'docker-hub',
    host: RegistryHost.parse('registry-1.docker.io'),
    webhook: { secret: new Secret(hubToken), repositories: ['contoso/*'] },
  },
  {
    name: RegistryName.parse('quay'),
    kind: 'quay',
    host: RegistryHost.parse('quay.io'),
    webhook: { secret: new Secret(hubToken), repositories: ['contoso/*'] },
  },
  {
    name: RegistryName.parse('grid'),
    kind: 'acr-event-grid',
    host: RegistryHost.parse('contoso.azurecr.io'),
    webhook: { secret: new Secret('not-a-secret') },
  },
  {
    name: RegistryName.parse('google'),
    kind: 'artifact-registry',
    host: RegistryHost.parse('europe-west1-docker.pkg.dev'),
    webhook: { audience: 'https://pratique.example', serviceAccount: 'push@contoso.iam.gserviceaccount.com' },
  },
  { name: RegistryName.parse('silent'), kind: 'acr', host: RegistryHost.parse('silent.azurecr.io') },
];

/** An event as it lies on the topic. */
export interface PublishedEvent {
  id: unknown;
  type: unknown;
  subject: unknown;
  traceparent: unknown;
  data: Record<string, unknown>;
}

export interface Ingress {
  url: string;
  emulator: AzureMessagingEmulator;
  post(registry: string, body: string | Buffer, headers?: Record<string, string>): Promise<Response>;
  /** Everything that is on the topic. Whatever was answered 202 is there already. */
  events(): Promise<PublishedEvent[]>;
  /** Waits for so many outcomes on the event hub. */
  outcomesUntil(count: number): Promise<Outcome[]>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface StartOptions extends Pick<EmulatorOptions, 'intercept'> {
  /** Where certificates and keys come from. */
  sources?: TrustSources;
  logs?: LogOptions;
  /** The section `http`; the port is chosen by the system. */
  http?: z.input<typeof HttpSettings>;
  journal?: JournalSettings;
  /** The broker, where a test keeps one of its own. */
  broker?: AzureMessagingEmulator;
  /** Instead of {@link registries}. */
  senders?: RegistriesSection;
}

/** The broker's emulator, with everything that Pratique needs. */
export function startBroker(
  options: Partial<Pick<EmulatorOptions, 'intercept' | 'port' | 'storage'>> = {},
): Promise<AzureMessagingEmulator> {
  return startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology(), ...options });
}

/** Ingress as a real service, on the broker's emulator. */
export async function startIngress(options: StartOptions = {}): Promise<Ingress> {
  const { sources, logs = { level: 'silent' }, senders = registries, journal, broker, ...rest } = options;
  const http = HttpSettings.parse({ ...options.http, port: 0 });
  const emulator = broker ?? (await startBroker(rest.intercept && { intercept: rest.intercept }));
  // Quick to give up, so that a test of a broker that is away does not wait.
  const retry = { maxRetries: 0, delayMs: 1, maxDelayMs: 1, timeoutMs: 2_000 };
  const messaging = messagingSettingsFor(emulator.connectionString, { retry });
  const service = await startService({
    name: 'ingress',
    modules: [
      MessagingModule.forRoot(messaging),
      IngressModule.register({
        registries: senders,
        http,
        ...(journal && { journal }),
        ...(sources && { sources }),
      }),
    ],
    http,
    logs,
    signals: 'none',
  });
  const clients = new MessagingClients(messagingSettingsFor(emulator.connectionString));
  return {
    url: service.url,
    emulator,
    post: (registry, body, headers = {}) =>
      fetch(`${service.url}/webhooks/${registry}`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers,
      }),
    events: () => peekEvents(clients),
    outcomesUntil: (count) => outcomesUntil(clients, count),
    stop: () => service.stop(),
    close: async () => {
      await service.stop();
      await clients.close();
      // A broker that the test has brought goes on.
      if (broker === undefined) await emulator.close();
    },
  };
}

async function peekEvents(clients: MessagingClients): Promise<PublishedEvent[]> {
  const receiver = clients.serviceBus().createReceiver(registryEventsTopic, 'audit');
  const messages = await receiver.peekMessages(100);
  await receiver.close();
  return messages.map(({ messageId, applicationProperties = {}, body }) => ({
    id: messageId,
    type: applicationProperties['cloudEvents_type'],
    subject: applicationProperties['cloudEvents_subject'],
    traceparent: applicationProperties['cloudEvents_traceparent'],
    data: body as Record<string, unknown>,
  }));
}

async function outcomesUntil(clients: MessagingClients, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const reader = new OutcomeReader(clients, {
    consumerGroup: outcomeConsumerGroups.audit,
    checkpoints: inMemoryCheckpointStore(),
    handle: (batch) => {
      outcomes.push(...batch.outcomes.map(({ outcome }) => outcome));
      if (outcomes.length >= count) resolve(undefined);
      return Promise.resolve();
    },
  });
  reader.start();
  await promise;
  await reader.close();
  return outcomes;
}
