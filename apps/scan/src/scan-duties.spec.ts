import { generateKeyPairSync } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { AcrQuarantine } from '@pratique/acr';
import { pemSigner } from '@pratique/attestation';
import { type Outcome, type RegistryEvent, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { type BuiltImage, pushImage } from '@pratique/oci';
import { AcrSettings } from '@pratique/registries';
import type { RegistryConnection } from '@pratique/registry-access';
import { artifactOf, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { VerdictRecords } from './attestation/verdict-records.js';
import { azureQuarantine } from './quarantine/azure-quarantine.js';
import { QuarantineSection } from './quarantine/quarantine.settings.js';
import { StagingSection } from './quarantine/staging.settings.js';
import { compileRescanRules } from './rescan/rescan-rule.js';
import { RescanSection } from './rescan/rescan.settings.js';
import { ScanDuties } from './scan-duties.js';
import { scanImage } from './scan-image.js';
import { compilePolicies } from './scan-policy.js';
import { ScanSection } from './scan.settings.js';
import { rescanEvent } from './rescan/rescan-event.js';

const repository = RepositoryName.parse('team/app');
const registryName = RegistryName.parse('customer');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = pemSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const identity = { signer, ownKeys: () => Promise.resolve([publicKey]) };
const image = artifactOf({ 'a.bicep': 'param a string\n' });
const { signal } = new AbortController();

describe('scan/scan-duties', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  let registry: TestRegistry;
  let events: [RegistryEvent, unknown][];
  let outcomes: Outcome[];

  beforeEach(() => {
    events = [];
    outcomes = [];
  });

  afterEach(() => registry.close());

  async function start(quarantine: boolean): Promise<void> {
    registry = await startTestRegistry({
      emulator: {
        quarantine,
        identities: [
          {
            ...{ name: 'tester', credentials: { username: 'tester', password: 'correct horse' } },
            repositories: ['*'],
            actions: ['pull', 'push', 'metadata_read', 'quarantine_read', 'quarantine_write'],
          },
        ],
      },
    });
  }

  function connection(quarantine: boolean): RegistryConnection {
    return {
      settings: AcrSettings.parse({ name: registryName, kind: 'acr', host: registry.emulator.host }),
      client: registry.client,
      reader: registry.client,
      ...(quarantine && { quarantine: new AcrQuarantine(registry.client) }),
    };
  }

  function duties({
    quarantine = true,
    staging = [],
    rescan = [],
  }: { quarantine?: boolean; staging?: object[]; rescan?: object[] } = {}): ScanDuties {
    return new ScanDuties({
      connections: new Map([[registryName, connection(quarantine)]]),
      staging: StagingSection.parse(staging),
      quarantine: QuarantineSection.parse(undefined),
      rescan: compileRescanRules(RescanSection.parse(rescan)),
      identity,
      events: {
        publish: (event, options) => {
          events.push(...[event].flat().map((each): [RegistryEvent, unknown] => [each, options]));
          return Promise.resolve();
        },
      },
      outcomes: { publish: (outcome) => Promise.resolve(void outcomes.push(outcome)) },
    });
  }

  async function push(pushed: BuiltImage, into = repository): Promise<void> {
    await pushImage(registry.client, pushed, {
      repository: into,
      tags: [Tag.parse('1.0'), Tag.parse('latest')],
    });
  }

  async function scan(allow: string): Promise<void> {
    const { digest } = image.root;
    const policy = {
      name: 'p',
      registry: registryName,
      repositories: ['**'],
      checks: [{ content: { allow: [allow] } }],
    };
    await scanImage({
      event: rescanEvent({
        ...{ registry: registryName, repository, digest, announcedBy: 'quarantined', reason: 'test' },
        at: new Date(),
      }),
      connection: connection(true),
      quarantine: azureQuarantine(new AcrQuarantine(registry.client)),
      records: new VerdictRecords({ identity }),
      policies: compilePolicies(ScanSection.parse([policy])),
      signal,
    });
  }

  describe('reconciling a quarantine', () => {
    beforeEach(() => start(true));

    it('has an image scanned whose event was lost, when it has waited twice', async () => {
      await push(image);
      const duty = duties();

      await duty.reconcile(1, signal);
      expect(events).toEqual([]);
      await duty.reconcile(2, signal);

      expect(events).toMatchObject([
        [
          {
            type: 'io.pratique.image.quarantined.v1',
            data: { registry: 'customer', repository, digest: image.root.digest },
          },
          { only: 'scan' },
        ],
      ]);
    });

    it('asks for one event, however many workers ask at the same time', async () => {
      await push(image);
      for (const duty of [duties(), duties()]) {
        await duty.reconcile(1, signal);
        await duty.reconcile(2, signal);
      }

      expect(new Set(events.map(([{ id }]) => id)).size).toBe(1);
    });

    it('finds nothing wrong with what we have decided, and with what we have attached', async () => {
      await push(image);
      await scan('*.bicep');
      const duty = duties();
      await duty.reconcile(1, signal);
      await duty.reconcile(2, signal);

      expect({ events, outcomes }).toEqual({ events: [], outcomes: [] });
    });

    it('raises a finding on an image that somebody else has released', async () => {
      await push(image);
      const states = new AcrQuarantine(registry.client);
      await states.release(repository, image.root.digest, { details: { state: 'scan passed' } });

      await duties().reconcile(1, signal);
      await duties().reconcile(1, signal);

      expect(outcomes).toMatchObject([
        {
          type: 'io.pratique.quarantine.bypassed.v1',
          data: { severity: 'error', reason: 'passed-without-verdict', image: { digest: image.root.digest } },
        },
        { id: outcomes[0]?.id },
      ]);
      expect(events).toEqual([]);
    });

    it('raises a finding on an image that was released against our verdict', async () => {
      await push(image);
      await scan('*.nothing');
      await new AcrQuarantine(registry.client).release(repository, image.root.digest, {
        details: { state: 'x' },
      });

      await duties().reconcile(1, signal);

      expect(outcomes).toHaveLength(1);
      expect(outcomes[0]?.data.message).toMatch(/the newest verdict that we have signed is failed/);
    });
  });

  it('has a staged image scanned whose event was lost', async () => {
    await start(false);
    await push(image, RepositoryName.parse('quarantine/team/app'));
    const duty = duties({ quarantine: false, staging: [{ registry: 'customer' }] });
    await duty.reconcile(1, signal);
    await duty.reconcile(2, signal);

    expect(events[0]?.[0]).toMatchObject({
      type: 'io.pratique.image.pushed.v1',
      data: { repository: 'quarantine/team/app', digest: image.root.digest },
    });
  });

  it('has every tagged image of a rule scanned again, once each', async () => {
    await start(false);
    await push(image);
    await push(image, RepositoryName.parse('other/app'));
    const [rule] = compileRescanRules(
      RescanSection.parse([{ registry: 'customer', repositories: ['team/**'], every: '12h' }]),
    );
    if (rule === undefined) throw new Error('there is no rule');

    await duties({ quarantine: false }).rescan(rule, 41_000, signal);

    expect(events).toMatchObject([
      [
        {
          type: 'io.pratique.image.pushed.v1',
          data: { repository, digest: image.root.digest, senderEventId: 'rescan-43200000-41000' },
        },
        { only: 'scan' },
      ],
    ]);
  });

  it('has images scanned again when a scanner has a newer database than before', async () => {
    await start(false);
    await push(image);
    const rule = { registry: 'customer', repositories: ['team/**'], every: '7d' };
    const duty = duties({ quarantine: false, rescan: [rule, { ...rule, whenDatabaseChanges: false }] });
    const trivy = (updatedAt: string) => ({ name: 'trivy', database: { updatedAt } });

    await duty.hearScanner(trivy('2026-11-24T00:00:00Z'));
    await duty.hearScanner(trivy('2026-11-24T00:00:00Z'));
    await duty.hearScanner({ name: 'other', database: { updatedAt: '2026-11-25T00:00:00Z' } });
    await duty.hearScanner({ name: 'without' });
    expect(events).toEqual([]);
    await duty.hearScanner(trivy('2026-11-25T06:00:00Z'));
    await duty.hearScanner(trivy('2026-11-24T00:00:00Z'));

    expect(events).toMatchObject([
      [
        { data: { repository, senderEventId: 'rescan-database-trivy-2026-11-25T06:00:00Z' } },
        { only: 'scan' },
      ],
    ]);
  });
});
