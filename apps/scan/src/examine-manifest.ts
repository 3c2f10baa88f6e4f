import { buffer } from 'node:stream/consumers';
import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor, ImageManifest, RegistryClient } from '@pratique/oci';
import { Inspections } from './inspections.js';
import { type ImageConfig, readImageConfig } from './layers/image-config.js';
import { layerKind, type LayerKind, savedAs } from './layers/layer-kind.js';
import type { ByteBudget } from './layers/layer-limits.js';
import { readLayer } from './layers/read-layer.js';
import type { FileSink, TarEntry } from './layers/tar-reader.js';
import { notReadable, tooMuch } from './layers/unscannable-error.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { ScanPolicy } from './scan-policy.js';
import { unreadableBy } from './unreadable.js';
import type { ExaminedManifest, Unreadable } from './verdict.js';

export interface ManifestReading {
  client: RegistryClient;
  repository: RepositoryName;
  policies: readonly ScanPolicy[];
  limits: ScanLimits;
  /** What the image may still unpack to; shared by all of its manifests. */
  budget: ByteBudget;
  signal: AbortSignal;
}

/**
 * Reads everything that a manifest names, to the last byte, and lets every check look at it.
 *
 * @throws what a registry fails with; what the image fails with is part of the result
 */
export async function examineManifest(
  { digest, document }: { digest: Digest; document: ImageManifest },
  reading: ManifestReading,
): Promise<ExaminedManifest> {
  const inspections = new Inspections(reading.policies);
  const unreadable = await new ManifestReader(inspections, reading).read(document);
  // Of bytes that are not the image's, nothing that a check said counts.
  const checks = unreadable?.reason === 'digest-mismatch' ? [] : inspections.reports();
  return { digest, kind: 'image', checks, unreadable };
}

class ManifestReader {
  /** Where the reader is, for the sentence that says why it got no further. */
  private place = 'The config';

  constructor(
    private readonly inspections: Inspections,
    private readonly reading: ManifestReading,
  ) {}

  async read(document: ImageManifest): Promise<Unreadable | undefined> {
    const { length } = document.layers;
    const most = this.reading.limits.image.layers;
    if (length === 0) return { reason: 'nothing-to-check', message: 'It has no layers.' };
    if (length > most) return { reason: 'limit-exceeded', message: `It has more than ${most} layers.` };
    try {
      await this.readAll(document);
      return undefined;
    } catch (error) {
      const unreadable = unreadableBy(error);
      if (unreadable === undefined) throw error;
      return {
        ...unreadable,
        message: `${this.place} cannot be read: ${unreadable.message}.`.replace(/\.\.$/, '.'),
      };
    }
  }

  private async readAll(manifest: ImageManifest): Promise<void> {
    const { layers, config: descriptor } = manifest;
    const config = await this.readConfig(descriptor);
    const diffIds = config?.rootfs.diff_ids;
    if (diffIds !== undefined && diffIds.length !== layers.length) {
      throw notReadable(`it names ${diffIds.length} layers where the manifest has ${layers.length}`);
    }
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    if (config !== undefined) this.inspections.config({ config, descriptor, manifest, size });
    for (const [index, layer] of layers.entries()) {
      this.place = `Layer ${index + 1} (${layer.digest})`;
      const kind = layerKind(layer, { isImage: diffIds !== undefined });
      if (kind.kind !== 'placeholder') this.inspections.layer(layer);
      await this.readLayer(layer, kind, diffIds?.[index]);
    }
  }

  private async readConfig(config: Descriptor): Promise<ImageConfig | undefined> {
    const { client, repository, limits, signal } = this.reading;
    const { configBytes } = limits.image;
    if (config.size > configBytes) throw tooMuch(`it is larger than ${configBytes} bytes`);
    const source = await client.blob(repository, config, { signal });
    // A config with a title is saved under it by ORAS, as any other blob.
    const bytes = passing(source, this.sinkOf(config, savedAs(config)));
    return readImageConfig(await buffer(bytes), config.mediaType);
  }

  private async readLayer(layer: Descriptor, kind: LayerKind, diffId: Digest | undefined): Promise<void> {
    const { client, repository, limits, budget, signal } = this.reading;
    if (layer.size > limits.layer.bytes) throw tooMuch(`it is larger than ${limits.layer.bytes} bytes`);
    const source = await client.blob(repository, layer, { signal });
    try {
      if (kind.kind === 'archive') {
        const bytes = passing(source, this.sinkOf(layer, kind.savedAs));
        const visitor = { entry: (entry: TarEntry) => this.inspections.file({ ...entry, layer }) };
        await readLayer(bytes, { diffId, limits: limits.layer, budget, visitor, signal });
        return;
      }
      // What is not an archive is not compressed either: unpacked it is the blob itself.
      if (diffId !== undefined && diffId !== layer.digest) throw notReadable('its diffID is not its digest');
      const sink = this.sinkOf(layer, kind.kind === 'file' ? kind.path : undefined);
      for await (const chunk of passing(source, sink)) budget.take(chunk.length);
    } finally {
      source.destroy();
    }
  }

  /** Takes a layer's own bytes, where clients save them as a file. */
  private sinkOf(layer: Descriptor, path: string | undefined): FileSink | undefined {
    if (path === undefined) return undefined;
    return this.inspections.file({ path, size: layer.size, kind: 'file', layer });
  }
}

/** Passes bytes on, and shows them to a sink on the way; the sink hears of the end only when all were the blob's. */
async function* passing(source: AsyncIterable<Buffer>, sink: FileSink | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    sink?.write(chunk);
    yield chunk;
  }
  sink?.end();
}
