import { join } from 'node:path';
import { EventHubConsumerClient, earliestEventPosition, type ReceivedEventData } from '@azure/event-hubs';
import {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import type { BuiltImage } from '@pratique/oci';
import { artifactOf, imageOf, indexOf } from '@pratique/testing';
import { Client } from 'pg';
import { type DockerRegistry, startDockerRegistry } from '../processes/docker-registry.js';
import { Ledger } from '../processes/ledger.js';
import { writeOciLayout } from '../processes/oci-layout.js';
import { type Postgres, startPostgres } from '../processes/postgres.js';
import { Installation } from '../processes/pratique.js';
import { skopeo } from '../processes/skopeo.js';

const webhookSecret = 'not-a-secret';

/**
 * The way of source `000` with real parts: two CNCF Distribution registries, skopeo as the vendor's client, the real
 * Event Hubs client as the security team's, and PostgreSQL as the ledger's database.
 */
describe('an image that skopeo pushes to the vendor', () => {
  let installation: Installation;
  let broker: AzureMessagingEmulator;
  let postgres: Postgres;
  let vendor: DockerRegistry;
  let customer: DockerRegistry;
  let ledger: Ledger;
  let database: Client;

  beforeAll(async () => {
    installation = await Installation.create();
    [broker, postgres, customer] = await Promise.all([
      startAzureMessagingEmulator({ port: 0, storage: 'memory', ...messagingTopology() }),
      startPostgres(),
      startDockerRegistry(),
    ]);
    const messaging = { connectionString: await installation.secret('broker', broker.connectionString) };
    const secret = await installation.secret('webhook', webhookSecret);
    const registry = (name: string, host: string): object => ({
      name,
      kind: 'distribution',
      host,
      plainHttp: true,
    });
    // Ingress never contacts a registry, so it can start before its vendor has an address.
    const ingress = await installation.start('ingress', {
      registries: [{ ...registry('vendor', '127.0.0.1:1'), webhook: { secret, repositories: ['team/**'] } }],
      messaging: { serviceBus: messaging, eventHubs: messaging },
    });
    vendor = await startDockerRegistry({
      url: `${ingress.url}/webhooks/vendor`,
      authorization: `Bearer ${webhookSecret}`,
    });
    const config = {
      registries: [registry('vendor', vendor.host), registry('customer', customer.host)],
      sync: [
        { name: 'vendor-images', from: 'vendor', to: 'customer', repositories: ['team/**'], when: 'pushed' },
      ],
      messaging: { serviceBus: messaging, eventHubs: messaging },
      audit: { database: { url: await installation.secret('database', postgres.url) } },
    };
    const [audit] = await Promise.all([
      installation.start('audit', config),
      installation.start('sync', config),
    ]);
    ledger = new Ledger(audit.url);
    database = new Client({ connectionString: postgres.url });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await installation.remove();
    await Promise.all([broker.close(), vendor.stop(), customer.stop(), postgres.stop()]);
  });

  it.each([
    ['an image', 'team/app', () => imageOf({ layers: [{ 'etc/app': 'one' }, { 'etc/more': 'two' }] })],
    [
      'an index',
      'team/many',
      async () => indexOf([await imageOf({ layers: [{ a: '1' }] }), await imageOf({ layers: [{ b: '2' }] })]),
    ],
    ['an artifact', 'team/bicep', () => artifactOf({ 'network.bicep': "output x string = ''\n" })],
  ])('arrives at the customer with the same bytes: %s', async (_, repository, build) => {
    const image = await build();
    const { digest } = image.root;

    await push(image, repository);

    const entry = await ledger.entry('io.pratique.sync.copied.v1', digest);
    expect(entry).toMatchObject({ kind: 'outcome', registry: 'customer', repository, reason: 'copied' });
    const [there, here] = await Promise.all([raw(vendor, repository), raw(customer, repository)]);
    expect(here).toBe(there);
    expect(await outcomeFromEventHub(digest)).toMatchObject({
      contentType: 'application/json',
      properties: { cloudEvents_type: 'io.pratique.sync.copied.v1' },
    });
    const { rows } = await database.query('select type from entries where digest = $1 order by sequence', [
      digest,
    ]);
    expect(rows).toContainEqual({ type: 'io.pratique.image.pushed.v1' });
    expect(rows).toContainEqual({ type: 'io.pratique.sync.copied.v1' });
  });

  it('is refused, not copied and told of, when its repository was not agreed', async () => {
    const image = await imageOf({ layers: [{ 'etc/other': 'three' }] });

    await push(image, 'other/app');

    const entry = await ledger.refusal('repository-not-allowed');
    expect(entry.message).toContain('other/app');
    await expect(raw(customer, 'other/app')).rejects.toThrow();
  });

  async function push(image: BuiltImage, repository: string): Promise<void> {
    const folder = join(installation.folder, repository.replace('/', '-'));
    await writeOciLayout(folder, image);
    await skopeo(
      ...['copy', '--all', '--preserve-digests', '--dest-tls-verify=false'],
      ...[`oci:${folder}`, `docker://${vendor.host}/${repository}:1.0.0`],
    );
  }

  function raw(registry: DockerRegistry, repository: string): Promise<string> {
    return skopeo('inspect', '--raw', '--tls-verify=false', `docker://${registry.host}/${repository}:1.0.0`);
  }

  async function outcomeFromEventHub(digest: string): Promise<ReceivedEventData> {
    const consumer = new EventHubConsumerClient('$Default', broker.connectionString, 'outcomes');
    const found = Promise.withResolvers<ReceivedEventData>();
    const subscription = consumer.subscribe(
      {
        processEvents: (events) => {
          const event = events.find(({ body }) => JSON.stringify(body).includes(digest));
          if (event !== undefined) found.resolve(event);
          return Promise.resolve();
        },
        processError: (error) => {
          found.reject(error);
          return Promise.resolve();
        },
      },
      { startPosition: earliestEventPosition },
    );
    try {
      return await found.promise;
    } finally {
      await subscription.close();
      await consumer.close();
    }
  }
});
