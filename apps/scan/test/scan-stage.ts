import { Secret } from '@pratique/config';
import {
  type Digest,
  type Outcome,
  outcomeConsumerGroups,
  type RegistryEvent,
  registryEventsTopic,
  RegistryHost,
  RegistryName,
  RepositoryName,
  Tag,
} from '@pratique/contracts';
import {
  type AcrEmulator,
  type Identity,
  type Intercept,
  type RegistryAction,
  startAcrEmulator,
} from '@pratique/emulators-acr';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  connectSubscriptions,
  inMemoryCheckpointStore,
  MessagingClients,
  MessagingModule,
  messagingSettingsFor,
  messagingTopology,
  OutcomeReader,
  RegistryEventPublisher,
} from '@pratique/messaging';
import { basicTokens, type BuiltImage, RegistryClient } from '@pratique/oci';
import type { RegistrySettings } from '@pratique/registries';
import { type RunningService, startService } from '@pratique/service';
import { anImageQuarantined, pushImage } from '@pratique/testing';
import { ScanModule } from '../src/scan.module.js';
import { defaultLimits } from '../src/scan-limits.settings.js';
import { ScanSection } from '../src/scan.settings.js';

/** What images are pushed as, unless a test says otherwise. */
export const repository = RepositoryName.parse('bicep/foo');
export const tag = Tag.parse('1.0');

type StagedRegistry = 'customer' | 'open';

/** What an event says of an image that was pushed to the customer. */
export function about(image: BuiltImage): {
  registry: string;
  repository: string;
  tag: string;
  digest: string;
} {
  return { registry: 'customer', repository, tag, digest: image.root.digest };
}

/** A broker, two registries and the scan service between them, all real but for being small. */
export class ScanStage {
  readonly heard: Outcome[] = [];
  patches = 0;
  intercept: Intercept | undefined;
  private readonly closers: (() => Promise<unknown>)[] = [];
  private waiters: (() => void)[] = [];
  private clients!: MessagingClients;
  private broker!: AzureMessagingEmulator;
  private registries!: Record<StagedRegistry, AcrEmulator>;

  static async open(): Promise<ScanStage> {
    const stage = new ScanStage();
    await stage.start();
    return stage;
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
  }

  /** Pushes as a developer does, who has no rights in quarantine. */
  async push(image: BuiltImage, into = repository, registry: StagedRegistry = 'customer'): Promise<void> {
    await pushImage(this.client('developer', registry), image, { repository: into, tags: [tag] });
  }

  quarantined(image: BuiltImage): Promise<RegistryEvent> {
    return this.publish(anImageQuarantined(about(image)));
  }

  async publish(event: RegistryEvent): Promise<RegistryEvent> {
    await new RegistryEventPublisher(this.clients).publish(event);
    return event;
  }

  /** The same event under another MessageId, as a redelivered copy has, so that the broker takes it. */
  async deliverAgain({ data, datacontenttype, ...attributes }: RegistryEvent): Promise<void> {
    const properties = Object.entries(attributes).map(([name, value]) => [
      `cloudEvents_${name}`,
      String(value),
    ]);
    const sender = this.clients.serviceBus().createSender(registryEventsTopic);
    await sender.sendMessages({
      body: Buffer.from(JSON.stringify(data)),
      messageId: `${attributes.id}-again`,
      contentType: datacontenttype,
      applicationProperties: Object.fromEntries(properties) as Record<string, string>,
    });
  }

  /** Waits for so many outcomes of an event. */
  async outcomes(event: RegistryEvent, count: number): Promise<Outcome[]> {
    for (;;) {
      const found = this.heard.filter(({ causationid }) => causationid === event.id);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** The next `image.cleared` that sync is sent. */
  async cleared(): Promise<{ type: unknown; causationid: unknown; data: { digest?: string } } | undefined> {
    const receiver = this.clients
      .serviceBus()
      .createReceiver(registryEventsTopic, 'sync', { receiveMode: 'receiveAndDelete' });
    try {
      for (;;) {
        const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
        if (message === undefined) return undefined;
        const { cloudEvents_type: type, cloudEvents_causationid: causationid } =
          message.applicationProperties ?? {};
        if (type !== 'io.pratique.image.cleared.v1') continue;
        return { type, causationid, data: message.body as { digest?: string } };
      }
    } finally {
      await receiver.close();
    }
  }

  /** Whether nothing has been sent to sync that nobody has taken. The verdict's outcomes are told before the event. */
  async topicIsSilent(): Promise<boolean> {
    await this.settled();
    return this.broker.subscriptionStats(registryEventsTopic, 'sync').active === 0;
  }

  /** What an ordinary client gets. */
  async pullable(image: BuiltImage): Promise<{ tag: string | undefined; digest: string | undefined }> {
    const byTag = await this.client('reader', 'customer').resolve(repository, tag);
    return { tag: byTag?.digest, digest: await this.pullableDigest(image.root.digest) };
  }

  async pullableDigest(digest: Digest): Promise<string | undefined> {
    try {
      return (await this.client('reader', 'customer').manifest(repository, digest)).descriptor.digest;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  /** Until scan has completed every message. */
  private async settled(): Promise<void> {
    for (;;) {
      const { active, locked, scheduled } = this.broker.subscriptionStats(registryEventsTopic, 'scan');
      if (active + locked + scheduled === 0) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private client(who: 'developer' | 'reader', registry: StagedRegistry): RegistryClient {
    const client = new RegistryClient({
      host: RegistryHost.parse(this.registries[registry].host),
      plainHttp: true,
      tokens: basicTokens({ username: who, password: () => who }),
    });
    this.closers.push(() => client.close());
    return client;
  }

  private async start(): Promise<void> {
    this.broker = await startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology() });
    this.closers.push(() => this.broker.close());
    this.registries = {
      customer: await this.startRegistry('customer', true),
      open: await this.startRegistry('open', false),
    };
    this.clients = new MessagingClients(messagingSettingsFor(this.broker.connectionString));
    this.closers.push(() => this.clients.close());
    this.listen();
    const service = await this.startScan();
    this.closers.push(() => service.stop());
  }

  private async startRegistry(name: string, quarantine: boolean): Promise<AcrEmulator> {
    const registry = await startAcrEmulator({
      name,
      quarantine,
      identities: [
        user('developer', ['pull', 'push']),
        user('reader', ['pull']),
        user('scanner', ['pull', 'push', 'metadata_read', 'quarantine_read', 'quarantine_write']),
      ],
      intercept: async (request) => {
        const answer = (await this.intercept?.(request)) ?? 'proceed';
        if (request.method === 'PATCH' && request.path.startsWith('/acr/v1/')) this.patches += 1;
        return answer;
      },
    });
    this.closers.push(() => registry.close());
    return registry;
  }

  private listen(): void {
    const reader = new OutcomeReader(this.clients, {
      consumerGroup: outcomeConsumerGroups.audit,
      checkpoints: inMemoryCheckpointStore(),
      handle: ({ outcomes }) => {
        this.heard.push(...outcomes.map(({ outcome }) => outcome));
        this.waiters.splice(0).forEach((wake) => wake());
        return Promise.resolve();
      },
    });
    reader.start();
    this.closers.push(() => reader.close());
  }

  private startScan(): Promise<RunningService> {
    const redelivery = { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 5 };
    const scan = ScanSection.parse([
      {
        name: 'bicep-only',
        registry: 'customer',
        repositories: ['bicep/**'],
        checks: [{ content: { allow: ['*.bicep'] } }],
      },
      {
        name: 'open-bicep',
        registry: 'open',
        repositories: ['**'],
        checks: [{ content: { deny: ['**/*.exe'] } }],
      },
    ]);
    return startService({
      name: 'scan',
      http: { host: '127.0.0.1', port: 0, shutdownDeadlineMs: 5_000 },
      modules: [
        MessagingModule.forRoot(messagingSettingsFor(this.broker.connectionString, { redelivery })),
        ScanModule.register({
          scanLimits: defaultLimits,
          scan,
          registries: [this.settings('customer', true), this.settings('open', false)],
        }),
      ],
      connect: (app) => void connectSubscriptions(app, ['scan']),
      logs: { level: 'silent' },
      signals: 'none',
    });
  }

  private settings(name: StagedRegistry, quarantine: boolean): RegistrySettings {
    return {
      name: RegistryName.parse(name),
      kind: 'acr',
      host: RegistryHost.parse(this.registries[name].host),
      plainHttp: true,
      quarantine,
      credentials: { username: 'scanner', password: new Secret('scanner') },
    };
  }
}

function user(name: string, actions: RegistryAction[]): Identity {
  return { name, credentials: { username: name, password: name }, repositories: ['*'], actions };
}
