import type { Digest, RepositoryName } from '@pratique/contracts';
import type { RegistryClient } from '@pratique/oci';
import { z } from 'zod';
import type { StoredSbom } from '../sbom/stored-sboms.js';
import type { ScannerReport } from './vulnerability.js';

const minute = 60_000;
const mebibyte = 1024 ** 2;

/** What holds for a scanner of any kind. */
export const scannerBase = {
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a name of lower-case letters, digits and dashes')
    .describe('By which checks name it'),
  timeMs: z
    .int()
    .min(1000)
    .max(24 * 60 * minute)
    .default(10 * minute)
    .describe('Milliseconds that it has for one image; then it is stopped, and has said nothing'),
  maxReportBytes: z
    .int()
    .min(1024)
    .max(512 * mebibyte)
    .default(32 * mebibyte)
    .describe('Bytes of an answer; beyond them it is stopped, and has said nothing'),
  databaseMaxAgeHours: z
    .union([z.number().min(1).max(8760), z.literal('any')])
    .default(120)
    .describe('Hours that its data may be old; any: whatever its age, also one that nobody knows'),
  atOnce: z.int().min(1).max(64).default(2).describe('Images that it is asked about at the same time'),
};

/** What holds for a scanner that is a program on this machine. */
export const programSettings = {
  path: z
    .string()
    .regex(/^\//, 'is not the whole path of a program, such as /usr/local/bin/trivy')
    .describe('The program; it is found nowhere else'),
  cacheFolder: z.string().regex(/^\//, 'is not a whole path').describe('Where its data is'),
  updateDatabase: z
    .boolean()
    .default(false)
    .describe('Whether it may fetch newer data itself; otherwise that is for somebody else to do'),
};

/** The manifest of one image, never an index: scanners would choose one of its images and say nothing of the others. */
export interface ScannerTarget {
  client: RegistryClient;
  repository: RepositoryName;
  digest: Digest;
  /** What may be looked at in its place; absent unless a policy trusts whoever signed them. */
  sboms?: readonly StoredSbom[] | undefined;
  /** Ends with the scanner's time. */
  signal: AbortSignal;
}

export interface Scanner {
  /**
   * Judges from a bill of materials where it is given one that its own makers' tool has written, and from the image
   * otherwise: of others it would overlook what it finds itself.
   *
   * @throws NoAnswerError when it gives no answer that counts
   * @throws OciError when the registry fails, the signal's reason when aborted
   */
  scan(target: ScannerTarget): Promise<ScannerReport>;
}

/** A kind of scanner: one file `<kind>.scanner.ts`, and one line in `scanners.ts`. */
export interface ScannerDefinition<K extends string, S extends z.ZodType> {
  kind: K;
  /** With {@link scannerBase} and `kind`. */
  settings: S;
  open(this: void, settings: z.output<S>): Scanner;
}

export function defineScanner<const K extends string, S extends z.ZodType>(
  definition: ScannerDefinition<K, S>,
): ScannerDefinition<K, S> {
  return definition;
}
