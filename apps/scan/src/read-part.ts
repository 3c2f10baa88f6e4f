import { buffer } from 'node:stream/consumers';
import { BlobCheck, type Descriptor } from '@pratique/oci';
import type { PreparedCheck } from './checks/check.js';
import { Inspections } from './inspections.js';
import { readImageConfig } from './layers/image-config.js';
import { savedAs } from './layers/layer-kind.js';
import { ByteBudget } from './layers/layer-limits.js';
import { readLayer } from './layers/read-layer.js';
import type { FileSink, TarEntry } from './layers/tar-reader.js';
import { notReadable } from './layers/unscannable-error.js';
import type { CheckOrder, ConfigJob, LayerJob, PartJob, PartReading } from './part-job.js';
import { unreadableBy } from './unreadable.js';

export interface PartSource {
  /** What is said to be the blob. Whoever gives it may use a piece's memory for the next that is asked for. */
  bytes: AsyncIterable<Buffer>;
  /** Makes the checks that the job names. */
  prepare: (check: CheckOrder) => Pick<PreparedCheck, 'begin'>;
  signal: AbortSignal;
}

/**
 * Reads one blob of a manifest to its end, and shows it to every check. That the bytes are the blob's is checked here, where they
 * are looked at.
 *
 * @throws what the source fails with, and bugs; what is wrong with the part is in the result
 */
export async function readPart(job: PartJob, source: PartSource): Promise<PartReading> {
  const checks = job.checks.map((check) => ({ ...check, ...source.prepare(check) }));
  const inspections = new Inspections(checks);
  try {
    const diffIds = await read(job, { ...source, inspections });
    return { reports: inspections.reports(), diffIds };
  } catch (error) {
    const unreadable = unreadableBy(error);
    if (unreadable === undefined) throw error;
    // Of bytes that are not the image's, nothing that a check said counts.
    return { reports: unreadable.reason === 'digest-mismatch' ? [] : inspections.reports(), unreadable };
  }
}

type Inspected = PartSource & { inspections: Inspections };

async function read(job: PartJob, source: Inspected): Promise<PartReading['diffIds']> {
  if (job.part === 'config') {
    return await readConfig(job, { ...source, bytes: checked(source.bytes, job.manifest.config) });
  }
  await readOneLayer(job, { ...source, bytes: checked(source.bytes, job.layer) });
  return undefined;
}

async function* checked(bytes: AsyncIterable<Buffer>, blob: Descriptor): AsyncGenerator<Buffer> {
  const check = new BlobCheck(blob);
  for await (const chunk of bytes) {
    check.take(chunk);
    yield chunk;
  }
  check.end();
}

async function readConfig(
  { manifest }: ConfigJob,
  { bytes, inspections }: Inspected,
): Promise<PartReading['diffIds']> {
  const { config: descriptor, layers } = manifest;
  // A config with a title is saved under it by ORAS, as any other blob.
  const path = savedAs(descriptor);
  const sink =
    path === undefined
      ? undefined
      : inspections.file({ path, size: descriptor.size, kind: 'file', layer: descriptor });
  const config = readImageConfig(await buffer(copied(passing(bytes, sink))), descriptor.mediaType);
  if (config === undefined) return undefined;
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== layers.length) {
    throw notReadable(`it names ${diffIds.length} layers where the manifest has ${layers.length}`);
  }
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  inspections.config({ config, descriptor, manifest, size });
  return diffIds;
}

async function readOneLayer(job: LayerJob, { bytes, inspections, signal }: Inspected): Promise<void> {
  const { layer, kind, diffId, limits } = job;
  const budget = new ByteBudget(job.budget);
  if (kind.kind !== 'empty-descriptor') inspections.layer(layer);
  const sinkOf = (path: string | undefined): FileSink | undefined =>
    path === undefined ? undefined : inspections.file({ path, size: layer.size, kind: 'file', layer });
  if (kind.kind === 'archive') {
    const visitor = { entry: (entry: TarEntry) => inspections.file({ ...entry, layer }) };
    const source = passing(bytes, sinkOf(kind.savedAs));
    await readLayer(source, { diffId, limits: limits.layer, budget, visitor, signal });
    return;
  }
  // What is not an archive is not compressed either: unpacked it is the blob itself.
  if (diffId !== undefined && diffId !== layer.digest) throw notReadable('its diffID is not its digest');
  const sink = sinkOf(kind.kind === 'file' ? kind.path : undefined);
  for await (const chunk of passing(bytes, sink)) budget.take(chunk.length);
}

/** For whoever keeps them. */
async function* copied(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield Buffer.from(chunk);
}

/** Passes bytes on, and shows them to a sink on the way; the sink hears of the end only when all were the blob's. */
async function* passing(source: AsyncIterable<Buffer>, sink: FileSink | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    sink?.write(chunk);
    yield chunk;
  }
  sink?.end();
}
