import type { Descriptor, ImageManifest } from '@pratique/oci';
import type { z } from 'zod';
import type { ImageConfig } from '../layers/image-config.js';
import type { FileSink } from '../layers/tar-reader.js';

/** A file of the image: an entry of a layer, or a blob that a client saves under its title. */
export interface FileUnderScan {
  path: string;
  /** Bytes. */
  size: number;
  /** `link` and `device` have no content. */
  kind: 'file' | 'link' | 'device';
  layer: Descriptor;
}

/** What an image says of itself. */
export interface ImageUnderScan {
  config: ImageConfig;
  /** Of the config. */
  descriptor: Descriptor;
  /** Its annotations name the base image, its layers their sizes as stored. */
  manifest: ImageManifest;
  /** Bytes of all layers as stored. */
  size: number;
}

/** What is wrong, where, in a sentence. */
export interface Finding {
  /** What kind of thing it is, stable: exceptions name it. `aws-access-key`, `runs-as-root`, `CVE-2026-1234`. */
  id: string;
  message: string;
  /** What would make it pass, as a sentence; at most 200 characters. */
  mend: string;
  path?: string;
  /** Digest of the layer. */
  layer?: string;
  /** From 1. */
  line?: number;
  /** The package that it is about, as the scanner calls it. */
  package?: string;
}

/** `nothing-to-check` says neither yes nor no: the check has seen nothing that concerns it. */
export type CheckResult = 'passed' | 'failed' | 'nothing-to-check';

export interface CheckReport {
  result: CheckResult;
  /** Why it failed; bounded by whoever shows them. */
  findings: readonly Finding[];
  /** How many more there were than the check has kept. No exception reaches these. */
  unlisted?: number;
}

/**
 * One check of one part of a manifest: its config, or one layer. It is shown everything, by a reader that reads everything:
 * a check can neither forget to read a part nor be asked for its report before all of it was read and verified.
 *
 * Parts are read at the same time, in threads of their own, and one that several manifests share is read once; so what is
 * begun for one part knows nothing of the others. On the manifest, a check has failed when it did on one part, and has
 * passed when it did on one and failed on none.
 */
export interface Inspection {
  /** The image's config, verified, before any layer. An artifact, which no runtime starts, has none. */
  config?(image: ImageUnderScan): void;
  /** Each layer, before what is in it. */
  layer?(layer: Descriptor): void;
  /** Each file; may return a taker of its bytes. */
  file?(file: FileUnderScan): FileSink | undefined;
  report(): CheckReport;
}

/** A check as a policy configures it. */
export interface PreparedCheck {
  kind: string;
  /** As they were validated: plain data, from which another thread prepares the same check. */
  settings: unknown;
  begin: () => Inspection;
}

/** A kind of check: one file `<kind>.check.ts`, and one line in `checks.ts`. */
export interface CheckDefinition<K extends string, S extends z.ZodType> {
  /** Its name in `pratique.yaml`, in outcomes and metrics. */
  kind: K;
  settings: S;
  prepare(this: void, settings: z.output<S>): () => Inspection;
}

export function defineCheck<const K extends string, S extends z.ZodType>(
  definition: CheckDefinition<K, S>,
): CheckDefinition<K, S> {
  return definition;
}
