import { Readable } from 'node:stream';
import { digestOf } from '@pratique/contracts';
import { describeJson, type ImageManifest, mediaType } from '@pratique/oci';
import type { ImageUnderScan, Inspection } from './checks/check.js';
import { aLayer } from './checks/check.contract.js';
import { inOneMemory } from '../test/in-one-memory.js';
import { ByteBudget } from './layers/layer-limits.js';
import type { PartJob, PartReading } from './part-job.js';
import { readPart } from './read-part.js';
import { defaultLimits } from './scan-limits.settings.js';

type Inspections = Record<string, Partial<Inspection>>;
type FileInspection = NonNullable<Inspection['file']>;

describe('scan/read-part', () => {
  it.each<[string, Partial<Inspection>]>([
    ['about a layer', { layer: broken }],
    ['about a file', { file: broken }],
    ['in the middle of a file', { file: () => ({ write: broken, end: () => undefined }) }],
    ['at the end of a file', { file: () => ({ write: () => undefined, end: broken }) }],
    ['when it is to report', { report: broken }],
  ])('has a report for a check that breaks %s, and lets the others finish', async (_when, breaking) => {
    const seen: string[] = [];
    const file: FileInspection = ({ path }) => {
      seen.push(path);
      return undefined;
    };

    const { reports } = await readFile('x', { breaking, looking: { file } });

    expect(reports).toMatchObject([
      { policy: 'p', kind: 'breaking', result: 'crashed', findings: [{ id: 'check-crashed' }] },
      { policy: 'p', kind: 'looking', result: 'passed' },
    ]);
    expect(seen).toEqual(['foo.bicep']);
  });

  it('shows a check what an image says of itself, and artifacts have nothing to say', async () => {
    const seen: ImageUnderScan[] = [];
    const looking = { config: (about: ImageUnderScan) => void seen.push(about) };
    const rootfs = { diff_ids: [digestOf('tar')] };

    const image = await readConfig({ config: { User: '1000', Env: null }, rootfs }, { looking });
    const artifact = await readConfig({ anything: 'else' }, { looking });

    expect(image.diffIds).toEqual(rootfs.diff_ids);
    expect(artifact.diffIds).toBeUndefined();
    expect(seen).toMatchObject([{ config: { config: { User: '1000' } }, size: aLayer().size }]);
  });

  it.each([
    ['other bytes', 'CONTENT'],
    ['fewer bytes', 'conten'],
    ['more bytes', 'content and more'],
    ['nothing at all', ''],
  ])('counts no word of a check where the registry has sent %s', async (_what, sent) => {
    const ended = jest.fn();

    const reading = await readFile(
      'content',
      { looking: { file: () => ({ write: () => undefined, end: ended }) } },
      sent,
    );

    expect(reading).toMatchObject({ reports: [], unreadable: { reason: 'digest-mismatch' } });
    expect(ended).not.toHaveBeenCalled();
  });

  it('does not believe a config that is not the one of the manifest', async () => {
    const { descriptor } = describeJson({ rootfs: { diff_ids: [] } }, 'application/vnd.test.config.v1+json');
    const manifest: ImageManifest = { schemaVersion: 2, config: descriptor, layers: [] };
    const other = Buffer.from('{"rootfs":{"diff_idx":[]}}');
    expect(other).toHaveLength(descriptor.size);

    const read = await readPart(
      { part: 'config', manifest, ...reading({}) },
      { ...source({}), bytes: inOneMemory(halves(other)) },
    );

    expect(read).toMatchObject({ unreadable: { reason: 'digest-mismatch' } });
  });

  it('ends with what the source fails with', async () => {
    const failure = new Error('the registry went away');
    const bytes = Readable.from(
      (async function* () {
        yield Promise.resolve(Buffer.from('x'));
        throw failure;
      })(),
    );

    await expect(readPart(fileJob('xy', {}), { ...source({}), bytes })).rejects.toBe(failure);
  });
});

function broken(): never {
  throw new Error('a bug in the check');
}

async function readFile(
  content: string,
  inspections: Inspections,
  sent: string = content,
): Promise<PartReading> {
  const bytes = inOneMemory(halves(Buffer.from(sent)));
  return await readPart(fileJob(content, inspections), { ...source(inspections), bytes });
}

async function readConfig(config: object, inspections: Inspections): Promise<PartReading> {
  const { descriptor, bytes } = describeJson(config, 'application/vnd.test.config.v1+json');
  const manifest: ImageManifest = { schemaVersion: 2, config: descriptor, layers: [aLayer()] };
  const job: PartJob = { part: 'config', manifest, ...reading(inspections) };
  return await readPart(job, { ...source(inspections), bytes: inOneMemory(halves(bytes)) });
}

function halves(bytes: Buffer): Buffer[] {
  const middle = Math.ceil(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

function fileJob(content: string, inspections: Inspections): PartJob {
  const blob = { digest: digestOf(content), size: content.length };
  return {
    part: 'layer',
    layer: aLayer({ mediaType: mediaType.ociLayer, ...blob }),
    kind: { kind: 'file', path: 'foo.bicep' },
    diffId: undefined,
    ...reading(inspections),
  };
}

function reading(inspections: Inspections): Pick<PartJob, 'checks' | 'limits' | 'budget'> {
  const checks = Object.keys(inspections).map((kind) => ({ policy: 'p', kind, settings: {} }));
  return { checks, limits: defaultLimits, budget: ByteBudget.of(1000).shared };
}

function source(inspections: Inspections): Omit<Parameters<typeof readPart>[1], 'bytes'> {
  const report: Inspection['report'] = () => ({ result: 'passed', findings: [] });
  return {
    prepare: ({ kind }) => ({ begin: () => ({ report, ...inspections[kind] }) }),
    signal: new AbortController().signal,
  };
}
