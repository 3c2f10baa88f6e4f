import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { pemSigner } from '@pratique/attestation';
import { type Digest, RepositoryName } from '@pratique/contracts';
import { anonymousTokens, RegistryClient } from '@pratique/oci';
import { DistributionSettings } from '@pratique/registries';
import { anImageQuarantined } from '@pratique/testing';
import { VerdictRecords } from '../../src/attestation/verdict-records.js';
import { azureQuarantine } from '../../src/quarantine/azure-quarantine.js';
import { scanImage, type ScanResult } from '../../src/scan-image.js';
import { ScanLimits } from '../../src/scan-limits.settings.js';
import { compilePolicies } from '../../src/scan-policy.js';
import { ScanSection } from '../../src/scan.settings.js';
import { rawManifest } from './forge-image.js';
import { type ForgedImage, type ForgedRegistry, startForgedRegistry } from './forged-registry.js';
import { archives } from './hostile-archives.js';
import { compressions } from './hostile-compressions.js';
import { documents, honest, manifests } from './hostile-manifests.js';

const mebibyte = 2 ** 20;
const repository = RepositoryName.parse('team/app');
const timeMs = 10_000;
const limits = ScanLimits.parse({
  image: { timeMs: 4 * timeMs, unpackedBytes: 288 * mebibyte },
  layer: { timeMs },
  threads: { count: 2 },
});
/** What one thread may hold: no artifact may take more. */
const memoryBoundMb = (limits.threads.heapBytes + limits.threads.bufferBytes) / mebibyte;
const corpus = Object.entries({ ...compressions, ...archives, ...manifests, ...documents });
const policies = compilePolicies(
  ScanSection.parse([
    {
      name: 'bicep-only',
      registry: 'test',
      repositories: ['**'],
      checks: [{ content: { allow: ['*.bicep'] } }],
    },
  ]),
);

// Some take seconds to make on a machine that does other things too.
jest.setTimeout(180_000);

describe('scan/hostile-corpus', () => {
  let registry: ForgedRegistry;
  let client: RegistryClient;
  let released: Digest[];
  const peaksMb: number[] = [];

  beforeAll(async () => {
    registry = await startForgedRegistry();
    client = new RegistryClient({ host: registry.host, plainHttp: true, tokens: anonymousTokens() });
  });

  beforeEach(() => {
    released = [];
  });

  afterAll(async () => {
    await client.close();
    await registry.close();
    const most = Math.round(Math.max(...peaksMb));
    process.stdout.write(
      `hostile corpus: ${corpus.length} artifacts, none cleared; at most ${most} MB more memory\n`,
    );
  });

  async function scan(image: ForgedImage, records?: VerdictRecords): Promise<ScanResult> {
    registry.serve(image);
    const quarantine = azureQuarantine({
      release: (_repository, digest) => {
        released.push(digest);
        return Promise.resolve('changed' as const);
      },
      retain: () => Promise.resolve('changed' as const),
      state: () => Promise.resolve(undefined),
    });
    const settings = DistributionSettings.parse({
      name: 'test',
      kind: 'distribution',
      host: registry.host,
    });
    return await scanImage({
      event: anImageQuarantined({ registry: 'test', repository, digest: image.root.digest }),
      connection: { settings, client, reader: client },
      quarantine,
      policies,
      limits,
      records,
      signal: new AbortController().signal,
    });
  }

  it('has at least sixty artifacts', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(60);
  });

  it.each(Object.entries(honest))('clears %s, for it is honest', async (_what, make) => {
    const image = make();

    expect((await scan(image)).cleared).toBeDefined();
    expect(released).toContain(image.root.digest);
  });

  it('refuses what is no manifest although no verdict can be attached to it', async () => {
    const pair = generateKeyPairSync('ed25519');
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const identity = { signer: pemSigner(pem), ownKeys: () => Promise.resolve([pair.publicKey]) };
    const { outcomes } = await scan(rawManifest('<html>'), new VerdictRecords({ identity }));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['scan.unscannable', 'quarantine.retained']);
  });

  it.each(corpus)('does not clear %s', async (_what, [ends, make]) => {
    const image = await make();
    const before = resetPeakMemory();
    const started = performance.now();

    expect(await endOf(scan(image))).toEqual(ends);
    expect(released).toEqual([]);
    expect(performance.now() - started).toBeLessThan(limits.image.timeMs);
    peaksMb.push(peakMemoryMb() - before);
    expect(peaksMb.at(-1)).toBeLessThan(memoryBoundMb);
  });
});

/** How a scan that clears nothing ends: with a verdict, whatever it was given. */
async function endOf(scanning: Promise<ScanResult>): Promise<string | undefined> {
  const { outcomes, cleared } = await scanning;
  expect(cleared).toBeUndefined();
  const verdict = outcomes[0];
  return verdict?.kind === 'scan.unscannable' ? verdict.data.reason : verdict?.kind.replace('scan.', '');
}

/** Megabytes that the process holds now, from which its peak is counted (proc(5), `clear_refs`). */
function resetPeakMemory(): number {
  writeFileSync('/proc/self/clear_refs', '5');
  return peakMemoryMb();
}

function peakMemoryMb(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
