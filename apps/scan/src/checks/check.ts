import type { Digest, RepositoryName } from '@pratique/contracts';
import type { Descriptor, ImageManifest, RegistryClient } from '@pratique/oci';
import type { z } from 'zod';
import type { Attachments } from '../attachments/attachments.js';
import type { ImageConfig } from '../layers/image-config.js';
import type { FileSink } from '../layers/tar-reader.js';
import type { Scanners } from '../scanners/scanners.js';
import type { Finding } from './finding.js';
import type { ScannerIdentity } from './scanner-identity.js';

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

/** `nothing-to-check` says neither yes nor no: the check has seen nothing that concerns it. */
export type CheckResult = 'passed' | 'failed' | 'nothing-to-check';

export type { Finding } from './finding.js';

export interface CheckReport {
  result: CheckResult;
  /** Why it failed; bounded by whoever shows them. */
  findings: readonly Finding[];
  /** How many more there were than the check has kept. No exception reaches these. */
  unlisted?: number;
  /** Who was asked, where it was not Pratique that looked. */
  scanner?: ScannerIdentity;
  /** What the check has seen, as plain data from which it can judge again by other settings; stored with the report. */
  evidence?: z.core.util.JSONType;
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

/** What a check is given that asks others about a manifest: its registry, what is attached to it, and the scanners. */
export interface Question {
  client: RegistryClient;
  repository: RepositoryName;
  /** Of an image manifest that was read in full. */
  digest: Digest;
  /** What is attached to it, and to every index through which it is reached: a signature on those covers it as well. */
  attachments: readonly Attachments[];
  scanners: Scanners;
  /** Whether nobody has pushed anything: the image was judged before, and is judged by what is known now. */
  again?: boolean | undefined;
  now: Date;
  signal: AbortSignal;
}

/** A check as a policy configures it that sees nothing of the image's bytes, and asks others about it. */
export interface AskingCheck {
  kind: string;
  /** As they were validated. */
  settings: unknown;
  /**
   * @throws NoAnswerError when whoever was asked gave no answer that counts
   * @throws OciError when the registry fails, the signal's reason when aborted
   */
  ask: (question: Question) => Promise<CheckReport>;
}

/** Whether a check looks at the bytes of the image, and so has to be shown them. */
export function isInspecting(check: PreparedCheck | AskingCheck): check is PreparedCheck {
  return 'begin' in check;
}

/** A kind of check: one file `<kind>.check.ts`, and one line in `checks.ts`. */
export interface CheckDefinition<K extends string, S extends z.ZodType> {
  /** Its name in `pratique.yaml`, in outcomes and metrics. */
  kind: K;
  settings: S;
  /** For a check that looks at the bytes of the image. */
  prepare(this: void, settings: z.output<S>): () => Inspection;
}

/** A kind of check that asks others, in the same folder and list. */
export interface AskingCheckDefinition<K extends string, S extends z.ZodType> {
  kind: K;
  settings: S;
  ask(this: void, settings: z.output<S>, question: Question): Promise<CheckReport>;
  /**
   * Judges again what it has seen before, by other settings.
   *
   * @param evidence of its report, from storage: it may be of another version
   * @returns undefined when the evidence does not say enough
   */
  replay?(this: void, settings: z.output<S>, evidence: unknown): CheckReport | undefined;
}

export function defineAskingCheck<const K extends string, S extends z.ZodType>(
  definition: AskingCheckDefinition<K, S>,
): AskingCheckDefinition<K, S> {
  return definition;
}

export function defineCheck<const K extends string, S extends z.ZodType>(
  definition: CheckDefinition<K, S>,
): CheckDefinition<K, S> {
  return definition;
}
