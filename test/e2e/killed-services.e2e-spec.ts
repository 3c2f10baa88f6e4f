import { type AcrEmulator, type InterceptedRequest, startAcrEmulator } from '@pratique/emulators-acr';
import type { EmulatorMoment } from '@pratique/emulators-azure-messaging';
import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { basicTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import { request } from 'undici';
import { Ledger } from '../processes/ledger.js';
import { Installation, type RunningService, type Service } from '../processes/pratique.js';
import { until } from '../processes/until.js';
import { FaultyBroker } from './faulty-broker.js';

const repository = RepositoryName.parse('bicep/network');
const tag = Tag.parse('1.0.0');
const login = { username: 'pratique', password: 'not-a-secret' };
const authorization = 'Bearer not-a-secret-either';

const mirroring = ['io.pratique.image.pushed.v1', 'io.pratique.sync.copied.v1'];
const clearance = [
  'io.pratique.image.cleared.v1',
  'io.pratique.image.quarantined.v1',
  'io.pratique.quarantine.released.v1',
  'io.pratique.scan.passed.v1',
];

// Every test has an image of its own, so that no test depends on what another has left.
let built = 0;
function nextImage(): BuiltImage {
  built += 1;
  return buildArtifact({ files: { 'network.bicep': `// release ${built}\n` } });
}

const outcomeSent = (moment: EmulatorMoment): boolean => moment.kind === 'event-hub-send';
const eventSent = (moment: EmulatorMoment): boolean => moment.kind === 'send';
const completionOf =
  (subscription: Service) =>
  ({ kind, entity, outcome }: EmulatorMoment): boolean =>
    kind === 'disposition' && outcome === 'complete' && entity.toLowerCase().endsWith(`/${subscription}`);
const second = (matches: (moment: EmulatorMoment) => boolean): ((moment: EmulatorMoment) => boolean) => {
  let seen = 0;
  return (moment) => matches(moment) && ++seen === 2;
};

/**
 * Vendor and mirror show sync, without quarantine; the customer shows scan, and tells only of quarantine. So each test
 * knows which service will be the next to speak to the broker.
 */
describe('a service that is killed in the middle of its work', () => {
  let installation: Installation;
  let broker: FaultyBroker;
  let registries: { vendor: AcrEmulator; mirror: AcrEmulator; customer: AcrEmulator };
  let config: object;
  let services: Record<Service, RunningService>;
  let ledger: Ledger;
  const mirrored: InterceptedRequest[] = [];

  beforeAll(async () => {
    installation = await Installation.create();
    broker = await FaultyBroker.start();
    registries = {
      vendor: await startRegistry('vendor'),
      mirror: await startRegistry('mirror', { seen: mirrored }),
      customer: await startRegistry('customer', { quarantine: true }),
    };
    config = await configuration();
    const [ingress, scan, sync, audit] = await Promise.all([
      installation.start('ingress', config),
      installation.start('scan', config),
      installation.start('sync', config),
      installation.start('audit', config),
    ]);
    services = { ingress, scan, sync, audit };
    ledger = new Ledger(audit.url);
    notify('vendor', 'push');
    notify('customer', 'quarantine');
  });

  afterAll(async () => {
    await installation.remove();
    await Promise.all(Object.values(registries).map((registry) => registry.close()));
    await broker.close();
  });

  it.each([
    ['between the copy and its outcome', outcomeSent],
    ['between the outcome and the completion', completionOf('sync')],
  ])('leaves one copy and one outcome: sync, %s', async (_, moment) => {
    const image = nextImage();
    mirrored.length = 0;

    await killWhen(broker.cut(moment), { service: 'sync', during: () => push('vendor', image) });

    await ledger.entry('io.pratique.sync.copied.v1', image.root.digest);
    await everythingDone();
    expect(await ledger.typesOnce(image.root.digest, mirroring)).toEqual(mirroring);
    expect(await digestAt('mirror')).toBe(image.root.digest);
    expect(
      mirrored.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/manifests/${tag}`)),
    ).toHaveLength(1);
  });

  it.each([
    ['between the release and its outcome', outcomeSent],
    ['between the outcome and the event that follows', second(eventSent)],
    ['between that event and the completion', completionOf('scan')],
  ])('leaves one verdict and one release: scan, %s', async (_, moment) => {
    const image = nextImage();

    await killWhen(broker.cut(moment), { service: 'scan', during: () => push('customer', image) });

    await ledger.entry('io.pratique.image.cleared.v1', image.root.digest);
    await everythingDone();
    expect(await ledger.typesOnce(image.root.digest, clearance)).toEqual(clearance);
  });

  it('leaves one entry: audit, between the entry and the completion', async () => {
    const image = nextImage();

    await killWhen(broker.cut(completionOf('audit')), {
      service: 'audit',
      during: () => push('vendor', image),
    });

    await ledger.entry('io.pratique.sync.copied.v1', image.root.digest);
    await everythingDone();
    expect(await ledger.typesOnce(image.root.digest, mirroring)).toEqual(mirroring);
  });

  it('has not said yes to what is lost: ingress, before the broker has it', async () => {
    const digest = nextImage().root.digest;
    const delivery = { id: 'delivery-1', action: 'push', target: { repository, digest } };
    const post = async (): Promise<number> => {
      const { statusCode, body } = await request(`${services.ingress.url}/webhooks/vendor`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ ...delivery, timestamp: new Date().toISOString() }),
      });
      await body.dump();
      return statusCode;
    };

    let answer: Promise<unknown> = Promise.resolve();
    await killWhen(broker.cut(eventSent), {
      service: 'ingress',
      during: () => {
        answer = post().catch((error: unknown) => error);
        return Promise.resolve();
      },
    });

    expect(await answer).toBeInstanceOf(Error);
    expect([await post(), await post()]).toEqual([202, 202]);
    await ledger.entry('io.pratique.image.pushed.v1', digest);
    await everythingDone();
    expect(await ledger.entries({ digest })).toHaveLength(1);
  });

  async function configuration(): Promise<object> {
    const broken = await installation.secret('broker', broker.connectionString);
    const credentials = {
      username: login.username,
      password: await installation.secret('password', login.password),
    };
    const webhook = { secret: await installation.secret('webhook', authorization.replace('Bearer ', '')) };
    const registry = (name: keyof typeof registries): object => ({
      ...{ name, kind: 'acr', host: registries[name].host, plainHttp: true, credentials, webhook },
      ...(name === 'customer' && { quarantine: true }),
    });
    return {
      registries: [registry('vendor'), registry('mirror'), registry('customer')],
      scan: [
        {
          name: 'bicep',
          registry: 'customer',
          repositories: ['**'],
          checks: [{ content: { allow: ['*.bicep'] } }],
        },
      ],
      sync: [{ name: 'mirrored', from: 'vendor', to: 'mirror', repositories: ['**'], when: 'pushed' }],
      messaging: { serviceBus: { connectionString: broken }, eventHubs: { connectionString: broken } },
      audit: { database: { folder: `${installation.folder}/ledger` } },
    };
  }

  async function killWhen(
    moment: Promise<void>,
    { service, during }: { service: Service; during: () => Promise<void> },
  ): Promise<void> {
    await Promise.all([during(), moment]);
    await services[service].process.kill();
    services[service] = await installation.start(service, config);
    if (service === 'audit') ledger = new Ledger(services.audit.url);
  }

  async function push(name: keyof typeof registries, image: BuiltImage): Promise<void> {
    await withClient(name, (client) => pushImage(client, image, { repository, tags: [tag] }));
  }

  async function digestAt(name: keyof typeof registries): Promise<string | undefined> {
    return withClient(name, async (client) => (await client.resolve(repository, tag))?.digest);
  }

  async function withClient<T>(
    name: keyof typeof registries,
    act: (client: RegistryClient) => Promise<T>,
  ): Promise<T> {
    const tokens = basicTokens({ username: login.username, password: () => login.password });
    const host = RegistryHost.parse(registries[name].host);
    const client = new RegistryClient({ host, plainHttp: true, tokens });
    try {
      return await act(client);
    } finally {
      await client.close();
    }
  }

  async function everythingDone(): Promise<void> {
    const names: Service[] = ['scan', 'sync', 'audit'];
    const done = (): Promise<true | undefined> =>
      Promise.resolve(names.every((name) => broker.pending(name) === 0) ? true : undefined);
    await until(done, { what: 'every subscription to be empty' });
  }

  function notify(name: 'vendor' | 'customer', action: 'push' | 'quarantine'): void {
    const url = `${services.ingress.url}/webhooks/${name}`;
    registries[name].addWebhook({ name: 'pratique', url, headers: { authorization }, actions: [action] });
  }
});

function startRegistry(
  name: string,
  { quarantine = false, seen = [] }: { quarantine?: boolean; seen?: InterceptedRequest[] } = {},
): Promise<AcrEmulator> {
  return startAcrEmulator({
    name,
    quarantine,
    identities: [
      {
        name: 'a service principal',
        credentials: login,
        repositories: ['*'],
        actions: ['pull', 'push', 'metadata_read', 'metadata_write', 'quarantine_read', 'quarantine_write'],
      },
    ],
    intercept: (incoming) => {
      seen.push(incoming);
      return Promise.resolve('proceed');
    },
  });
}
