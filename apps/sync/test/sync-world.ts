import { untagAcr } from '@pratique/acr';
import { type RegistryEvent, RepositoryName, type SubscriptionName, Tag } from '@pratique/contracts';
import type { Intercept, RegistryAction } from '@pratique/emulators-acr';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import {
  connectSubscriptions,
  MessagingClients,
  MessagingModule,
  type MessagingSettings,
  messagingSettingsFor,
  messagingTopology,
  RegistryEventPublisher,
} from '@pratique/messaging';
import { type BuiltImage, pushImage } from '@pratique/oci';
import { type RunningService, startService } from '@pratique/service';
import type { z } from 'zod';
import { Reconcile } from '../src/reconcile/reconcile.js';
import type { ReconcileSummary } from '../src/reconcile/reconcile-summary.js';
import { SyncModule } from '../src/sync.module.js';
import { SyncSection } from '../src/sync-rule.js';
import { type EmulatedRegistries, type Place, startEmulatedRegistries } from './emulated-registries.js';
import { type OutcomeLog, readOutcomes } from './outcome-log.js';

export interface SyncWorldOptions {
  /** What sync's identity may do at the customer's registry. */
  rights?: readonly RegistryAction[];
}

const allRights: readonly RegistryAction[] = ['pull', 'push', 'delete', 'metadata_read', 'quarantine_read'];

/** Starts registries and a broker; sync itself is started by {@link SyncWorld.startSync}. */
export async function startSyncWorld({ rights = allRights }: SyncWorldOptions = {}): Promise<SyncWorld> {
  const requests = new RequestLog();
  const registries = await startEmulatedRegistries({
    rights,
    interceptFor: (who) => requests.interceptFor(who),
  });
  const { topics, eventHubs } = messagingTopology();
  const broker = await startAzureMessagingEmulator({ port: 0, storage: 'memory', topics, eventHubs });
  return new SyncWorld(registries, broker, requests);
}

/** Registries, a broker and sync, with what a test does to them and sees of them. */
export class SyncWorld {
  readonly outcomes: OutcomeLog;
  readonly #messaging: MessagingSettings;
  readonly #clients: MessagingClients;
  #sync: RunningService | undefined;
  #runs = 0;

  constructor(
    private readonly registries: EmulatedRegistries,
    private readonly broker: AzureMessagingEmulator,
    private readonly requests: RequestLog,
  ) {
    this.#messaging = messagingSettingsFor(broker.connectionString, {
      retry: { maxRetries: 1, delayMs: 20, maxDelayMs: 50, timeoutMs: 2_000 },
      redelivery: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
    });
    this.#clients = new MessagingClients(this.#messaging);
    this.outcomes = readOutcomes(this.#clients);
  }

  /** What the registries and Resource Manager were asked, as `vendor GET /v2/…`. */
  get heard(): string[] {
    return this.requests.lines;
  }

  /** Decides about the next requests of one of them. */
  intercept(who: Place | 'arm', intercept: Intercept): void {
    this.requests.intercepts.set(who, intercept);
  }

  async startSync(
    rules: z.input<typeof SyncSection>,
    options: { vendorPassword?: string } = {},
  ): Promise<void> {
    const config = {
      registries: this.registries.section(options.vendorPassword),
      sync: SyncSection.parse(rules),
    };
    const { credential } = this.registries;
    this.#sync = await startService({
      name: 'sync',
      modules: [MessagingModule.forRoot(this.#messaging), SyncModule.register(config, { credential })],
      http: { host: '127.0.0.1', port: 0, shutdownDeadlineMs: 10_000 },
      connect: (app) => connectSubscriptions(app, ['sync']),
      logs: { level: 'silent' },
      signals: 'none',
    });
  }

  /** Compares the registries once, as the schedule does. */
  async reconcile(): Promise<ReconcileSummary> {
    if (this.#sync === undefined) throw new Error('sync is not running');
    this.#runs += 1;
    const reconcile = this.#sync.app.get(Reconcile, { strict: false });
    return await reconcile.run({ run: String(this.#runs), signal: new AbortController().signal });
  }

  /** What `GET` of a path answers. */
  async get(path: string): Promise<unknown> {
    return await (await fetch(`${this.#sync?.url}${path}`)).json();
  }

  /** Lets the messages that are being handled end. */
  async stopSync(): Promise<void> {
    await this.#sync?.stop();
    this.#sync = undefined;
  }

  publish(...events: RegistryEvent[]): Promise<void> {
    return new RegistryEventPublisher(this.#clients).publish(events);
  }

  /** What waits in a subscription, is being worked on, or is dead. */
  left(subscription: SubscriptionName): object {
    return this.broker.subscriptionStats('registry-events', subscription);
  }

  /** Takes a tag away at the vendor, as the vendor. */
  async untag(repository: string, tag: string): Promise<void> {
    await untagAcr(this.registries.admins.vendor, RepositoryName.parse(repository), { tag: Tag.parse(tag) });
  }

  /** Pushes to the vendor, as the vendor. */
  async push(image: BuiltImage, repository: string, ...tags: string[]): Promise<void> {
    await pushImage(this.registries.admins.vendor, image, {
      repository: RepositoryName.parse(repository),
      tags: tags.map((tag) => Tag.parse(tag)),
    });
  }

  /** The digest that a tag or digest names at one of the registries, for somebody who may see all. */
  async resolve(at: Place, repository: string, reference: string): Promise<string | undefined> {
    const found = await this.registries.admins[at].resolve(
      RepositoryName.parse(repository),
      reference as Tag,
    );
    return found?.digest;
  }

  async close(): Promise<void> {
    await this.stopSync();
    await this.outcomes.close();
    await this.#clients.close();
    await this.broker.close();
    await this.registries.close();
  }
}

/** Hears every request but those for tokens, and lets a test decide about them. */
class RequestLog {
  readonly lines: string[] = [];
  readonly intercepts = new Map<string, Intercept>();

  interceptFor(who: string): Intercept {
    return async (request) => {
      if (!request.path.startsWith('/oauth2/')) this.lines.push(`${who} ${request.method} ${request.path}`);
      return (await this.intercepts.get(who)?.(request)) ?? 'proceed';
    };
  }
}
