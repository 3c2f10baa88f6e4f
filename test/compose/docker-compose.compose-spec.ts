import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RegistryHost, RepositoryName, Tag } from '@pratique/contracts';
import { anonymousTokens, buildArtifact, type BuiltImage, pushImage, RegistryClient } from '@pratique/oci';
import { imageOf } from '@pratique/testing';
import { z } from 'zod';
import { parseQuery } from '../observability/promql.js';
import { queries } from '../observability/queries.js';
import { Ledger } from '../processes/ledger.js';
import { writeOciLayout } from '../processes/oci-layout.js';
import { skopeo } from '../processes/skopeo.js';
import { until } from '../processes/until.js';
import { ComposeProject } from './compose-project.js';

const services = ['ingress', 'scan', 'sync', 'audit'] as const;
const everything = [...services, 'emulator', 'postgres', 'vendor-registry', 'customer-registry'];

// The vendor's registry is not the last: CNCF Distribution forgets what it has not told yet when it is killed, and what comes from the
// one that is started after it gives away that something may be missing.
const killed = [
  ...['ingress', 'emulator', 'scan', 'vendor-registry'],
  ...['customer-registry', 'sync', 'postgres', 'audit'],
];
const pushes = 200;
const idleLimitBytes = 150 * 1024 * 1024;
const imageLimitBytes = 300 * 1000 * 1000;
// Retries back off to minutes.
const patience = 8 * 60_000;

// Run inside the image, which has no shell.
const readSbom = `process.stdout.write(require('node:fs').readFileSync('/usr/share/sbom/pratique.cdx.json'))`;
const listPackages = `
  const { globSync, readFileSync } = require('node:fs');
  const folders = ['/app/node_modules/*', '/app/node_modules/@*/*', '/app/node_modules/**/node_modules/*', '/app/node_modules/**/node_modules/@*/*'];
  const files = new Set(folders.flatMap((folder) => globSync(folder + '/package.json')));
  for (const file of files) {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
    if (name !== undefined && version !== undefined) console.log(name + '@' + version);
  }`;

describe('docker compose up', () => {
  let project: ComposeProject;
  let folder: string;
  let ledger: Ledger;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-compose-'));
    project = await ComposeProject.create();
    await project.build();
    await project.up();
    ledger = new Ledger(`http://127.0.0.1:${project.ports.API_PORT}`);
    await Promise.all(services.map((service) => project.startTime(service)));
  });

  afterAll(async () => {
    await project.down();
    await rm(folder, { recursive: true });
    expect(await project.remains()).toEqual([]);
    await project.removeNetwork();
  });

  it('brings what skopeo pushes to the vendor to the customer, scanned, and into the ledger', async () => {
    const image = await imageOf({ layers: [{ 'etc/app': 'one' }] });
    const { digest } = image.root;
    await writeOciLayout(folder, image);

    await skopeo(
      'copy',
      '--dest-tls-verify=false',
      `oci:${folder}`,
      place('VENDOR_REGISTRY_PORT', 'team/app:1'),
    );

    await copied(digest);
    const query = `select registry from entries where type = 'io.pratique.sync.copied.v1' and digest = '${digest}'`;
    expect(await project.query(query)).toEqual(['customer']);
    const passed = await ledger.entry('io.pratique.scan.passed.v1', digest);
    expect(passed).toMatchObject({ registry: 'vendor', repository: 'team/app' });
    const here = await skopeo(
      'inspect',
      '--raw',
      '--tls-verify=false',
      place('CUSTOMER_REGISTRY_PORT', 'team/app:1'),
    );
    expect(here).toBe(image.manifests.at(-1)?.bytes.toString());
  });

  it('clears no image with a forbidden file', async () => {
    const image = await imageOf({ layers: [{ 'app/.env': 'KEY=1' }] });

    await push(image, Tag.parse('forbidden'));

    const entry = await until(
      async () =>
        (await ledger.entries({ type: 'io.pratique.scan.failed.v1', digest: image.root.digest }))[0],
      { what: 'the refusal in the ledger', forMs: patience },
    );
    expect(entry).toMatchObject({ registry: 'vendor' });
    expect(await customerHas('forbidden')).toBe(false);
  });

  it.each(everything)(
    'runs %s without root, without a writable root file system and without a capability',
    async (name) => {
      const [status, container] = await Promise.all([project.processStatus(name), project.inspect(name)]);

      expect(container.HostConfig.ReadonlyRootfs).toBe(true);
      expect(status.get('Uid')?.split(/\s+/)).not.toContain('0');
      expect(status.get('Gid')?.split(/\s+/)).not.toContain('0');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
        expect(status.get(set)).toBe('0000000000000000');
      }
      expect(status.get('NoNewPrivs')).toBe('1');
    },
  );

  it('runs an image of less than 300 MB', async () => {
    const bytes = await project.imageBytes();
    process.stdout.write(`image: ${(bytes / 1e6).toFixed(0)} MB\n`);
    expect(bytes).toBeLessThan(imageLimitBytes);
  });

  it('tells in its SBOM of every package that is inside', async () => {
    const sbom = z
      .object({ components: z.array(z.object({ purl: z.string() })) })
      .parse(JSON.parse(await project.runNode('ingress', readSbom)));
    const told = new Set(sbom.components.map(({ purl }) => decodeURIComponent(purl)));
    const inside = (await project.runNode('ingress', listPackages)).trim().split('\n');

    expect(inside.length).toBeGreaterThan(100);
    expect(inside.filter((name) => !told.has(`pkg:npm/${name}`))).toEqual([]);
    expect([...told].filter((purl) => purl.startsWith('pkg:generic/node@24.'))).toHaveLength(1);
  });

  it('shows every metric that the dashboard and the alerts ask for', async () => {
    const told = await Promise.all(services.map((service) => project.metrics(service)));
    const known = new Set(
      told.flatMap((text) => [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name)),
    );
    const asked = new Set(queries.flatMap(({ expr }) => parseQuery(expr).metrics));
    const missing = [...asked].filter((name) => !known.has(name.replace(/_(?:bucket|sum|count)$/, '')));

    expect(missing.filter((name) => !known.has(name))).toEqual([]);
  });

  it('needs little time to start and little memory at rest', async () => {
    const rows: string[] = [];
    for (const service of services) {
      await project.restart(service);
      const ms = await project.startTime(service);
      const bytes = Number.parseInt((await project.processStatus(service)).get('VmRSS') ?? '', 10) * 1024;
      rows.push(
        `${service}: ready after ${(ms / 1000).toFixed(1)} s, ${(bytes / 1024 / 1024).toFixed(0)} MiB at rest`,
      );
      expect(bytes).toBeLessThan(idleLimitBytes);
    }
    // The time says as much about the machine as about the service: it is printed and not judged.
    process.stdout.write(`${rows.join('\n')}\n`);
  });

  it(`loses none of ${pushes} pushes while one container after the other is killed`, async () => {
    const images = Array.from({ length: pushes }, (_, number) =>
      buildArtifact({ files: { 'release.txt': `release ${number}\n` } }),
    );
    const each = Math.ceil(pushes / killed.length);
    for (const [number, service] of killed.entries()) {
      const from = number * each;
      await Promise.all([pushAll(images.slice(from, from + each), from), project.killAndStart(service)]);
    }

    await until(async () => ((await missingIn(images)).length === 0 ? true : undefined), {
      what: 'every push to be scanned, copied and recorded',
      forMs: patience,
    }).catch(async (error: unknown) => {
      throw new Error(`Missing: ${(await missingIn(images)).join(', ')}`, { cause: error });
    });
    const arrived = await Promise.all(images.map((_, number) => customerHas(`killed-${number}`)));
    expect(arrived.filter(Boolean)).toHaveLength(pushes);
  });

  async function pushAll(images: readonly BuiltImage[], from: number): Promise<void> {
    for (const [number, image] of images.entries()) {
      const tag = Tag.parse(`killed-${from + number}`);
      // As whoever pushes does while the registry is being killed: until it has the image.
      let refused: unknown;
      const pushed = (): Promise<true | undefined> =>
        push(image, tag).then(
          () => true,
          (error: unknown) => void (refused = error),
        );
      await until(pushed, { what: `the vendor's registry to take ${tag}`, forMs: patience }).catch(() => {
        throw new Error(`The vendor's registry does not take ${tag}.`, { cause: refused });
      });
    }
  }

  /** What PostgreSQL does not have of what must be recorded of each image. */
  async function missingIn(images: readonly BuiltImage[]): Promise<string[]> {
    const recorded = await recordedFacts();
    return images.flatMap(({ root }) =>
      ['image.pushed', 'scan.passed', 'image.cleared', 'sync.copied']
        .map((name) => `io.pratique.${name}.v1 ${root.digest}`)
        .filter((fact) => !recorded.has(fact)),
    );
  }

  // While PostgreSQL is being killed there is nobody to ask.
  async function recordedFacts(): Promise<Set<string>> {
    const query = `select type || ' ' || digest from entries where digest is not null`;
    return new Set(await project.query(query).catch(() => []));
  }

  async function copied(digest: string): Promise<void> {
    await until(async () => (await ledger.entries({ type: 'io.pratique.sync.copied.v1', digest }))[0], {
      what: `the copy of ${digest} in the ledger`,
      forMs: patience,
    });
  }

  function registry(port: 'VENDOR_REGISTRY_PORT' | 'CUSTOMER_REGISTRY_PORT'): RegistryClient {
    const host = RegistryHost.parse(`127.0.0.1:${project.ports[port]}`);
    return new RegistryClient({ host, plainHttp: true, tokens: anonymousTokens() });
  }

  const repository = RepositoryName.parse('team/releases');

  async function push(image: BuiltImage, tag: Tag): Promise<void> {
    const client = registry('VENDOR_REGISTRY_PORT');
    try {
      await pushImage(client, image, { repository, tags: [tag] });
    } finally {
      await client.close();
    }
  }

  async function customerHas(tag: string): Promise<boolean> {
    const client = registry('CUSTOMER_REGISTRY_PORT');
    try {
      return (await client.resolve(repository, Tag.parse(tag)).catch(() => undefined)) !== undefined;
    } finally {
      await client.close();
    }
  }

  function place(port: 'VENDOR_REGISTRY_PORT' | 'CUSTOMER_REGISTRY_PORT', name: string): string {
    return `docker://127.0.0.1:${project.ports[port]}/${name}`;
  }
});
