import { type AcrEmulator, startAcrEmulator } from '@pratique/emulators-acr';
import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import { basicTokens, buildArtifact, pushImage, RegistryClient } from '@pratique/oci';
import { Ledger } from '../processes/ledger.js';
import { Installation, type RunningService, type Service } from '../processes/pratique.js';
import { TraceCollector } from '../processes/trace-collector.js';
import { until } from '../processes/until.js';

const login = { username: 'pratique', password: 'not-a-secret' };
const webhookSecret = 'not-a-secret-either';
const actions = ['pull', 'push', 'metadata_read', 'metadata_write'] as const;
// Four processes at once, on a machine that may have other work.
const startMs = 240_000;
const services = ['ingress', 'scan', 'sync', 'audit'] as const;

describe('the traces of four services', () => {
  let installation: Installation;
  let collector: TraceCollector;
  let broker: AzureMessagingEmulator;
  let registries: Record<'vendor' | 'customer', AcrEmulator>;
  let running: Record<Service, RunningService>;
  let ledger: Ledger;

  beforeAll(async () => {
    installation = await Installation.create();
    collector = await TraceCollector.start();
    broker = await startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology() });
    registries = { vendor: await startRegistry('vendor'), customer: await startRegistry('customer') };
    const config = await configuration();
    const [ingress, scan, sync, audit] = await Promise.all(
      services.map((service) => installation.start(service, config)),
    );
    running = { ingress: ingress!, scan: scan!, sync: sync!, audit: audit! };
    ledger = new Ledger(running.audit.url);
    registries.vendor.addWebhook({
      name: 'pratique',
      url: `${running.ingress.url}/webhooks/vendor`,
      headers: { authorization: `Bearer ${webhookSecret}` },
      actions: ['push'],
    });
  }, startMs);

  afterAll(async () => {
    await installation.remove();
    await Promise.all(Object.values(registries).map((registry) => registry.close()));
    await broker.close();
    await collector.close();
  });

  it('show the way of an image as one: webhook, bus, scan, bus, sync, event hub, ledger', async () => {
    const image = buildArtifact({ files: { 'network.bicep': '// one trace\n' } });

    await push(image);
    await ledger.entry('io.pratique.sync.copied.v1', image.root.digest);

    const tree = await until(() => Promise.resolve(treeOf('audit: process outcomes', 2)), {
      what: 'the whole trace at the collector',
    });
    expect(tree).toEqual([
      'ingress: POST /webhooks/:registry',
      '  ingress: publish registry-events',
      '    audit: process registry-events/audit',
      '    scan: process registry-events/scan',
      '      scan: publish outcomes',
      '        audit: process outcomes/audit',
      '      scan: publish registry-events',
      '        audit: process registry-events/audit',
      '        sync: process registry-events/sync',
      '          sync: publish outcomes',
      '            audit: process outcomes/audit',
      '    sync: process registry-events/sync',
    ]);
  });

  it('have the names of routes, and neither paths nor what is secret in requests', () => {
    const told = JSON.stringify(
      collector.spans.map((span) => ({ ...span, attributes: [...span.attributes] })),
    );

    expect(told).toContain('/webhooks/:registry');
    expect(told).not.toMatch(/\/webhooks\/vendor|not-a-secret|\/health\/|\/metrics/);
  });

  it('can be found from the log: every line about the work has its trace, its event and its chain', () => {
    const line = running.sync.process.output
      .split('\n')
      .find((text) => text.includes('"outcome":"sync.copied"'));

    expect(JSON.parse(line ?? '{}')).toMatchObject({
      traceId: webhookTrace(),
      event: expect.any(String) as string,
      correlation: expect.any(String) as string,
    });
  });

  /** Beside it there are those of the questions that this test asks the ledger. */
  function webhookTrace(): string | undefined {
    return collector.spans.find(({ service }) => service === 'ingress')?.traceId;
  }

  /** The trace of the webhook, once it has so many spans of that name. */
  function treeOf(name: string, count: number): string[] | undefined {
    const tree = collector.tree(webhookTrace() ?? '');
    const complete = tree.filter((line) => line.includes(name)).length === count && tree.length === 12;
    return complete ? tree : undefined;
  }

  async function configuration(): Promise<object> {
    const connectionString = await installation.secret('broker', broker.connectionString);
    const credentials = {
      username: login.username,
      password: await installation.secret('password', login.password),
    };
    const webhook = { secret: await installation.secret('webhook', webhookSecret) };
    const registry = (name: 'vendor' | 'customer'): object => {
      return { name, kind: 'acr', host: registries[name].host, plainHttp: true, credentials, webhook };
    };
    return {
      registries: [registry('vendor'), registry('customer')],
      scan: [
        {
          name: 'bicep',
          registry: 'vendor',
          repositories: ['**'],
          checks: [{ content: { allow: ['*.bicep'] } }],
        },
      ],
      sync: [{ name: 'copied', from: 'vendor', to: 'customer', repositories: ['**'], when: 'cleared' }],
      messaging: { serviceBus: { connectionString }, eventHubs: { connectionString } },
      audit: { database: { folder: `${installation.folder}/ledger` } },
      telemetry: { traces: { endpoint: collector.endpoint } },
    };
  }

  async function push(image: ReturnType<typeof buildArtifact>): Promise<void> {
    const tokens = basicTokens({ username: login.username, password: () => login.password });
    const host = RegistryHost.parse(registries.vendor.host);
    const client = new RegistryClient({ host, plainHttp: true, tokens });
    try {
      const repository = RepositoryName.parse('bicep/network');
      await pushImage(client, image, { repository, tags: [Tag.parse('1.0.0')] });
    } finally {
      await client.close();
    }
  }
});

function startRegistry(name: string): Promise<AcrEmulator> {
  const identity = {
    name: 'a service principal',
    credentials: login,
    repositories: ['*'],
    actions: [...actions],
  };
  return startAcrEmulator({ name, identities: [identity] });
}
