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
import {
  basicTokens,
  buildIndex,
  type BuiltImage,
  describeJson,
  mediaType,
  RegistryClient,
} from '@pratique/oci';
import type { RegistrySettings } from '@pratique/registries';
import { type RunningService, startService } from '@pratique/service';
import {
  anImagePushed,
  anImageQuarantined,
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
} from '@pratique/testing';
import { ScanModule } from './scan.module.js';
import { defaultLimits } from './scan-limits.settings.js';
import { ScanSection } from './scan.settings.js';

jest.setTimeout(60_000);

const repository = RepositoryName.parse('bicep/foo');
const tag = Tag.parse('1.0');

const bicep = "param location string = 'westeurope'\n";

describe('scan/scan-service', () => {
  let stage: ScanStage;

  beforeEach(async () => {
    stage = await ScanStage.open();
  });

  afterEach(async () => {
    await stage.close();
  });

  describe('in a registry with quarantine', () => {
    it('makes an image that passes pullable, which it was not, and tells everybody', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      expect(await stage.pullable(image)).toEqual({ tag: undefined, digest: 'access-refused' });

      const event = await stage.quarantined(image);
      const [passed, released] = await stage.outcomes(event, 2);

      expect(passed).toMatchObject({
        type: 'io.pratique.scan.passed.v1',
        causationid: event.id,
        data: {
          reason: 'every-check-passed',
          rule: 'bicep-only',
          image: { registry: 'customer', repository, tag, digest: image.root.digest },
          details: { checks: [{ policy: 'bicep-only', check: 'content', result: 'passed' }] },
        },
      });
      expect(released).toMatchObject({ type: 'io.pratique.quarantine.released.v1' });
      expect(await stage.cleared()).toMatchObject({
        type: 'io.pratique.image.cleared.v1',
        causationid: event.id,
        data: { registry: 'customer', repository, tag, digest: image.root.digest, decidedBy: 'bicep-only' },
      });
      expect(await stage.pullable(image)).toEqual({ tag: image.root.digest, digest: image.root.digest });
    });

    it('resolves the tag of an event that names no digest', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);

      const event = await stage.publish(anImageQuarantined({ ...about(image), digest: undefined }));
      const [passed] = await stage.outcomes(event, 2);

      expect(passed?.data.image?.digest).toBe(image.root.digest);
      expect((await stage.pullable(image)).digest).toBe(image.root.digest);
    });

    it.each([
      ['a file that is not allowed', artifactOf({ 'hi.txt': 'foo\n' }), /hi\.txt is not on the list/],
      [
        'an archive that calls itself a Bicep file',
        artifactOf({ 'foo.bicep': Buffer.from([0x1f, 0x8b, 8, 0, 0]) }),
        /foo\.bicep is not the text file/,
      ],
    ])('keeps %s in quarantine and says why', async (_what, image, why) => {
      await stage.push(image);

      const event = await stage.quarantined(image);
      const [failed, retained] = await stage.outcomes(event, 2);

      expect(failed).toMatchObject({ type: 'io.pratique.scan.failed.v1', data: { reason: 'check-failed' } });
      expect(failed?.data.message).toMatch(why);
      expect(retained).toMatchObject({
        type: 'io.pratique.quarantine.retained.v1',
        data: { reason: 'verdict-failed' },
      });
      expect(await stage.pullable(image)).toEqual({ tag: undefined, digest: 'access-refused' });
      expect(await stage.topicIsSilent()).toBe(true);
    });

    it.each([
      ['an index that names nothing', () => buildIndex([])],
      ['an artifact with no layers', () => withoutLayers()],
      ['an artifact with nothing but the empty descriptor', () => artifactOf({})],
      ['an image whose layers are empty', () => imageOf({ layers: [{}] })],
      [
        'a config that is not JSON',
        () => artifactOf({ 'foo.bicep': bicep }, { config: { mediaType: 'a/b', bytes: Buffer.from('x') } }),
      ],
    ])('never clears %s', async (_what, build) => {
      const image = await build();
      await stage.push(image);

      const event = await stage.quarantined(image);
      const [unscannable, retained] = await stage.outcomes(event, 2);

      expect(unscannable).toMatchObject({ type: 'io.pratique.scan.unscannable.v1' });
      expect(retained).toMatchObject({ data: { reason: 'verdict-unscannable' } });
      expect((await stage.pullable(image)).digest).toBe('access-refused');
    });

    it('releases an index with everything in it when all of it passes', async () => {
      const [one, two] = [
        await imageOf({ layers: [{ 'a.bicep': bicep }] }),
        artifactOf({ 'b.bicep': bicep }),
      ];
      const index = indexOf([one, two]);
      await stage.push(index);

      const event = await stage.quarantined(index);
      const [passed] = await stage.outcomes(event, 2);

      expect(passed).toMatchObject({
        type: 'io.pratique.scan.passed.v1',
        data: { details: { manifests: 3 } },
      });
      for (const { descriptor } of index.manifests) {
        expect(await stage.pullableDigest(descriptor.digest)).toBe(descriptor.digest);
      }
    });

    it('releases nothing of an index with one child that fails', async () => {
      const [good, bad] = [artifactOf({ 'a.bicep': bicep }), artifactOf({ 'b.exe': 'MZ' })];
      const index = indexOf([good, bad]);
      await stage.push(index);

      const event = await stage.quarantined(index);
      const [failed] = await stage.outcomes(event, 2);

      expect(failed).toMatchObject({ type: 'io.pratique.scan.failed.v1' });
      for (const { descriptor } of index.manifests) {
        expect(await stage.pullableDigest(descriptor.digest)).toBe('access-refused');
      }
    });

    it('does nothing twice when an event comes twice', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      const event = await stage.quarantined(image);
      const first = await stage.outcomes(event, 2);

      await stage.deliverAgain(event);
      const all = await stage.outcomes(event, 4);

      expect(all.slice(2).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
      expect(stage.patches).toBe(1);
      const cleared = await stage.cleared();
      expect(cleared?.data.digest).toBe(image.root.digest);
      // The second has the id of the first, and the broker drops it.
      expect(await stage.topicIsSilent()).toBe(true);
    });

    it('leaves an image alone that no policy is for, and says so', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      const other = RepositoryName.parse('other/foo');
      await stage.push(image, other);

      const event = await stage.publish(anImageQuarantined({ ...about(image), repository: other }));
      const [error, retained] = await stage.outcomes(event, 2);

      expect(error).toMatchObject({
        type: 'io.pratique.scan.error.v1',
        data: { reason: 'no-policy', severity: 'warning' },
      });
      expect(retained).toMatchObject({ data: { reason: 'verdict-error' } });
    });

    it('says that an image is gone', async () => {
      const event = await stage.quarantined(artifactOf({ 'foo.bicep': bicep }));

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'image-gone', severity: 'notice' } },
      ]);
    });

    it('says that it may not read', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      stage.intercept = ({ path }) => answer(path.includes('/manifests/') ? { status: 403 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'access-refused' } },
      ]);
    });

    it('tries again when the registry fails, and passes the image then', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      let failures = 4;
      stage.intercept = ({ path }) =>
        answer(path.includes('/blobs/') && failures-- > 0 ? { status: 503 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 2)).toMatchObject([
        { type: 'io.pratique.scan.passed.v1' },
        { type: 'io.pratique.quarantine.released.v1' },
      ]);
    });

    it('gives up when the registry goes on failing, and releases nothing', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);
      stage.intercept = ({ method }) => answer(method === 'PATCH' ? { status: 503 } : 'proceed');

      const event = await stage.quarantined(image);

      expect(await stage.outcomes(event, 1)).toMatchObject([
        { type: 'io.pratique.scan.error.v1', data: { reason: 'registry-unavailable' } },
      ]);
      stage.intercept = undefined;
      expect((await stage.pullable(image)).digest).toBe('access-refused');
    });

    it('leaves alone what is pushed, for that is what it released itself', async () => {
      const image = artifactOf({ 'foo.bicep': bicep });
      await stage.push(image);

      await stage.publish(anImagePushed(about(image)));
      const event = await stage.quarantined(image);

      // Outcomes of one subject keep their order, so nothing was told of the push.
      expect(await stage.outcomes(event, 2)).toHaveLength(2);
      expect(stage.heard.every(({ causationid }) => causationid === event.id)).toBe(true);
    });
  });

  it('scans what is pushed to a registry without quarantine', async () => {
    const image = artifactOf({ 'foo.bicep': bicep });
    await stage.push(image, repository, 'open');

    const event = await stage.publish(anImagePushed({ ...about(image), registry: 'open' }));

    expect(await stage.outcomes(event, 1)).toMatchObject([{ type: 'io.pratique.scan.passed.v1' }]);
    expect(await stage.cleared()).toMatchObject({ data: { registry: 'open', decidedBy: 'open-bicep' } });
  });
});

function answer(given: Awaited<ReturnType<Intercept>>): ReturnType<Intercept> {
  return Promise.resolve(given);
}

function withoutLayers(): BuiltImage {
  const artifact = artifactOf({});
  const [config] = artifact.blobs;
  const manifest = describeJson(
    { schemaVersion: 2, mediaType: mediaType.ociManifest, config: config?.descriptor, layers: [] },
    mediaType.ociManifest,
  );
  return { root: manifest.descriptor, manifests: [manifest], blobs: artifact.blobs };
}

/** What an event says of an image that was pushed to the customer. */
function about(image: BuiltImage): {
  registry: string;
  repository: string;
  tag: string;
  digest: string;
} {
  return { registry: 'customer', repository, tag, digest: image.root.digest };
}

type StagedRegistry = 'customer' | 'open';

/** A broker, two registries and the scan service between them, all real but for being small. */
class ScanStage {
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
