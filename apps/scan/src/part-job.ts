import type { Digest } from '@pratique/contracts';
import type { Descriptor, ImageManifest } from '@pratique/oci';
import type { LayerKind } from './layers/layer-kind.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { ExaminedCheck, Unreadable } from './verdict.js';

/** A check that is to look at a part: by its settings, for functions cannot be given to another thread. */
export interface CheckOrder {
  policy: string;
  kind: string;
  settings: unknown;
}

interface Reading {
  checks: readonly CheckOrder[];
  limits: ScanLimits;
  /** The `shared` of the image's `ByteBudget`. */
  budget: SharedArrayBuffer;
}

export interface ConfigJob extends Reading {
  part: 'config';
  manifest: ImageManifest;
}

export interface LayerJob extends Reading {
  part: 'layer';
  layer: Descriptor;
  kind: LayerKind;
  /** Of the tar inside, where the image's config names one. */
  diffId: Digest | undefined;
}

/** A blob of a manifest that is to be read, as plain data. */
export type PartJob = ConfigJob | LayerJob;

export interface PartReading {
  /** What each check says of this part, in their order; none where the bytes are not the image's. */
  reports: readonly ExaminedCheck[];
  unreadable?: Unreadable | undefined;
  /** Of the config of an image that a runtime starts: its layers' diffIDs. */
  diffIds?: readonly Digest[] | undefined;
}
