import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findStatements, readPublicKey, verdictIn, verdictType } from '@pratique/attestation';
import { deriveId, RegistryHost, registryEventType, RepositoryName, Tag } from '@pratique/contracts';
import { type AcrEmulator, type InterceptedRequest, startAcrEmulator } from '@pratique/emulators-acr';
import type { EmulatorMoment } from '@pratique/emulators-azure-messaging';
import { basicTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import { Ledger } from '../processes/ledger.js';
import { Installation, type RunningService } from '../processes/pratique.js';
import { until } from '../processes/until.js';
import { FaultyBroker } from './faulty-broker.js';

// Each test kills and starts a process.
jest.setTimeout(120_000);

const repository = RepositoryName.parse('bicep/network');
const tag = Tag.parse('1.0.0');
const login = { username: 'pratique', password: 'not-a-secret' };
const authorization = 'Bearer not-a-secret-either';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

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

/** When a service is killed: just before the registry, or the broker, would have got something. */
type Moment =
  | { at: 'registry'; request: (request: InterceptedRequest, image: BuiltImage) => boolean }
  | { at: 'broker'; moment: (moment: EmulatorMoment, event: string, image: BuiltImage) => boolean };

const moments: [string, Moment][] = [
  [
    'before the verdict is attached',
    {
      at: 'registry',
      request: ({ method, path }) => method === 'PUT' && path.includes('/manifests/sha256:'),
    },
  ],
  [
    'between the attestation and the right to read it',
    { at: 'registry', request: ({ method }) => method === 'PATCH' },
  ],
  [
    'between the attestation and the release',
    {
      at: 'registry',
      request: ({ method, path }, { root }) => method === 'PATCH' && path.endsWith(root.digest),
    },
  ],
  ['between the release and its outcome', { at: 'broker', moment: ({ kind }) => kind === 'event-hub-send' }],
  [
    'between the outcome and the event that follows',
    {
      at: 'broker',
      moment: ({ kind, messageIds = [] }, event, { root }) =>
        kind === 'send' &&
        messageIds.includes(deriveId(registryEventType.cleared, event, root.digest, 'bicep')),
    },
  ],
  [
    'between that event and the completion',
    {
      at: 'broker',
      moment: ({ kind, entity, outcome, messageIds = [] }, event) =>
        kind === 'disposition' &&
        outcome === 'complete' &&
        /\/scan$/i.test(entity) &&
        messageIds.includes(event),
    },
  ],
];

describe('scan, killed in the middle of a verdict that is signed and reported', () => {
  let installation: Installation;
  let broker: FaultyBroker;
  let customer: AcrEmulator;
  let reports: string;
  let config: object;
  let scan: RunningService;
  let ledger: Ledger;
  let decide: (request: InterceptedRequest) => 'proceed' | 'drop' = () => 'proceed';

  beforeAll(async () => {
    installation = await Installation.create();
    broker = await FaultyBroker.start();
    customer = await startAcrEmulator({
      name: 'customer',
      quarantine: true,
      identities: [
        {
          ...{ name: 'a service principal', credentials: login, repositories: ['*'] },
          actions: ['pull', 'push', 'metadata_read', 'metadata_write', 'quarantine_read', 'quarantine_write'],
        },
      ],
      intercept: (request) => Promise.resolve(decide(request)),
    });
    reports = join(installation.folder, 'reports');
    config = await configuration();
    const [ingress, first, audit] = await Promise.all([
      installation.start('ingress', config),
      installation.start('scan', config),
      installation.start('audit', config),
    ]);
    scan = first;
    ledger = new Ledger(audit.url);
    const url = `${ingress.url}/webhooks/customer`;
    customer.addWebhook({ name: 'pratique', url, headers: { authorization }, actions: ['quarantine'] });
  });

  afterAll(async () => {
    await installation.remove();
    await customer.close();
    await broker.close();
  });

  it.each(moments)('leaves one verdict, one release, one outcome: %s', async (_, moment) => {
    const image = nextImage();
    const cut = cutAt(moment, image);

    await Promise.all([push(image), cut]);
    await scan.process.kill();
    scan = await installation.start('scan', config);

    const { digest } = image.root;
    await ledger.entry('io.pratique.image.cleared.v1', digest);
    await everythingDone();
    expect(await ledger.typesOnce(digest, clearance)).toEqual(clearance);
    expect(await verdictsAt(image)).toEqual(['passed']);
    expect(await reportsOf(image)).toHaveLength(1);
  });

  /** Resolves when the moment has come; what was about to happen never does. */
  async function cutAt(moment: Moment, image: BuiltImage): Promise<void> {
    if (moment.at === 'registry') {
      await new Promise<void>((happened) => {
        decide = (request) => {
          if (!moment.request(request, image)) return 'proceed';
          decide = () => 'proceed';
          happened();
          return 'drop';
        };
      });
      return;
    }
    // The first that is sent is what the registry told of the image.
    let event: string | undefined;
    await broker.cut((seen) => {
      if (event === undefined && seen.kind === 'send') event = seen.messageIds?.[0];
      return event !== undefined && moment.moment(seen, event, image);
    });
  }

  async function configuration(): Promise<object> {
    const broken = await installation.secret('broker', broker.connectionString);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return {
      registries: [
        {
          ...{ name: 'customer', kind: 'acr', host: customer.host, plainHttp: true, quarantine: true },
          credentials: {
            username: login.username,
            password: await installation.secret('password', login.password),
          },
          webhook: { secret: await installation.secret('webhook', authorization.replace('Bearer ', '')) },
        },
      ],
      scan: [
        {
          ...{ name: 'bicep', registry: 'customer', repositories: ['**'] },
          checks: [{ content: { allow: ['*.bicep'] } }],
        },
      ],
      attestation: { key: { pem: await installation.secret('attestation.pem', pem) } },
      reports: { folder: reports },
      messaging: { serviceBus: { connectionString: broken }, eventHubs: { connectionString: broken } },
      audit: { database: { folder: `${installation.folder}/ledger` } },
    };
  }

  const client = (): RegistryClient =>
    new RegistryClient({
      ...{ host: RegistryHost.parse(customer.host), plainHttp: true },
      tokens: basicTokens({ username: login.username, password: () => login.password }),
    });

  async function push(image: BuiltImage): Promise<void> {
    const developer = client();
    try {
      await pushImage(developer, image, { repository, tags: [tag] });
    } finally {
      await developer.close();
    }
  }

  async function verdictsAt(image: BuiltImage): Promise<string[]> {
    const reader = client();
    const keys = [readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString())];
    try {
      const question = { repository, subject: image.root.digest, predicateType: verdictType, keys };
      const { signed } = await findStatements(reader, question);
      return signed.flatMap(({ statement }) => verdictIn(statement)?.pratique.status ?? []);
    } finally {
      await reader.close();
    }
  }

  async function reportsOf(image: BuiltImage): Promise<string[]> {
    const files = await readdir(reports, { recursive: true });
    const texts = await Promise.all(
      files.filter((file) => file.endsWith('.json')).map((file) => readFile(join(reports, file), 'utf8')),
    );
    return texts.filter((text) => text.includes(image.root.digest));
  }

  async function everythingDone(): Promise<void> {
    const done = (): Promise<true | undefined> =>
      Promise.resolve(['scan', 'audit'].every((name) => broker.pending(name) === 0) ? true : undefined);
    await until(done, { what: 'every subscription to be empty' });
  }
});
