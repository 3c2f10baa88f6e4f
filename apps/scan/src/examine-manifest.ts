import type { Digest } from '@pratique/contracts';
import type { Descriptor, ImageManifest } from '@pratique/oci';
import { joinReports } from './join-reports.js';
import { layerKind } from './layers/layer-kind.js';
import type { PartReading } from './part-job.js';
import { type ImagePartReader, tooLarge } from './read-image-part.js';
import type { CheckOrder } from './part-job.js';
import type { ScanLimits } from './scan-limits.settings.js';
import { unreadableBy } from './unreadable.js';
import type { ExaminedManifest, Unreadable } from './verdict.js';

export interface ManifestReading {
  parts: ImagePartReader;
  checks: readonly CheckOrder[];
  limits: ScanLimits;
}

/**
 * Reads everything that a manifest names, to the last byte, and lets every check look at it: the config first, which says
 * what the layers are, then the layers, as many at a time as there are threads.
 *
 * @throws what a registry fails with; what the image fails with is part of the result
 */
export async function examineManifest(
  { digest, document }: { digest: Digest; document: ImageManifest },
  reading: ManifestReading,
): Promise<ExaminedManifest> {
  const unreadable = countLayers(document, reading.limits);
  const parts = unreadable === undefined ? await readParts(document, reading) : [];
  const reports = parts.map((part) => part.reports);
  return {
    digest,
    kind: 'image',
    checks: joinReports(reading.checks, reports),
    unreadable: unreadable ?? parts.find((part) => part.unreadable)?.unreadable,
  };
}

function countLayers({ layers: { length } }: ImageManifest, { image }: ScanLimits): Unreadable | undefined {
  if (length === 0) return { reason: 'nothing-to-check', message: 'It has no layers.' };
  if (length <= image.layers) return undefined;
  return { reason: 'limit-exceeded', message: `It has more than ${image.layers} layers.` };
}

async function readParts(manifest: ImageManifest, reading: ManifestReading): Promise<PartReading[]> {
  const config = placed('The config', await readConfig(manifest, reading));
  if (config.unreadable !== undefined) return [config];
  const layers = manifest.layers.map(async (layer, index) => {
    const part = await readLayer(layer, { ...reading, diffIds: config.diffIds, index });
    return placed(`Layer ${index + 1} (${layer.digest})`, part);
  });
  return [config, ...(await Promise.all(layers))];
}

async function readConfig(manifest: ImageManifest, { parts, limits }: ManifestReading): Promise<PartReading> {
  const unreadable = tooLarge(manifest.config, limits.image.configBytes);
  if (unreadable !== undefined) return { reports: [], unreadable };
  return await parts.read({ part: 'config', manifest });
}

async function readLayer(
  layer: Descriptor,
  { parts, limits, diffIds, index }: ManifestReading & { diffIds: PartReading['diffIds']; index: number },
): Promise<PartReading> {
  const unreadable = tooLarge(layer, limits.layer.bytes);
  if (unreadable !== undefined) return { reports: [], unreadable };
  try {
    const kind = layerKind(layer, { isImage: diffIds !== undefined });
    return await parts.read({ part: 'layer', layer, kind, diffId: diffIds?.[index] });
  } catch (error) {
    const unknown = unreadableBy(error);
    if (unknown === undefined) throw error;
    return { reports: [], unreadable: unknown };
  }
}

/** Says where it is that something cannot be read. */
function placed(place: string, part: PartReading): PartReading {
  const { unreadable } = part;
  if (unreadable === undefined) return part;
  const message = `${place} cannot be read: ${unreadable.message}.`.replace(/\.\.$/, '.');
  return { ...part, unreadable: { ...unreadable, message } };
}
