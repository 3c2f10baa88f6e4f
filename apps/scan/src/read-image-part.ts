import type { Readable } from 'node:stream';
import type { RepositoryName } from '@pratique/contracts';
import type { Descriptor, RegistryClient } from '@pratique/oci';
import { crashed } from './inspections.js';
import type { ReaderThreads } from './isolation/reader-threads.js';
import { type DeathCause, ThreadDeath } from './isolation/thread-death.js';
import type { CheckOrder, ConfigJob, LayerJob, PartReading } from './part-job.js';
import type { ScanLimits } from './scan-limits.settings.js';
import type { TimeBudget } from './time-budget.js';
import { unreadableBy } from './unreadable.js';
import type { Unreadable } from './verdict.js';

/** What every part of one image is read with. */
export interface ImageReading {
  client: RegistryClient;
  repository: RepositoryName;
  threads: ReaderThreads;
  limits: ScanLimits;
  checks: readonly CheckOrder[];
  /** The `shared` of the image's `ByteBudget`. */
  budget: SharedArrayBuffer;
  time: TimeBudget;
  /** After each part. */
  onRead: () => void;
  signal: AbortSignal;
}

type PartToRead = Pick<ConfigJob, 'part' | 'manifest'> | Pick<LayerJob, 'part' | 'layer' | 'kind' | 'diffId'>;

/** Reads parts of one image in threads. One that several manifests share is read once. */
export class ImagePartReader {
  private readonly readings = new Map<string, Promise<PartReading>>();

  constructor(private readonly reading: ImageReading) {}

  /** @throws what a registry fails with, and the signal's reason; what is wrong with the part is in the result */
  async read(part: PartToRead): Promise<PartReading> {
    // A config is judged with its manifest, and a layer with all that the manifest says of it.
    const key = JSON.stringify(part);
    const reading = this.readings.get(key) ?? this.readNow(part);
    this.readings.set(key, reading);
    return await reading.finally(this.reading.onRead);
  }

  private async readNow(part: PartToRead): Promise<PartReading> {
    const { client, repository, threads, limits, checks, budget, time, signal } = this.reading;
    const blob = part.part === 'config' ? part.manifest.config : part.layer;
    let begun: number | undefined;
    try {
      return await threads.read({
        job: { ...part, checks, limits, budget },
        open: (abort): Promise<Readable> => client.uncheckedBlob(repository, blob, { signal: abort }),
        timeMs: () => {
          begun = performance.now();
          return time.forPart(limits.layer.timeMs);
        },
        owner: this,
        signal,
      });
    } catch (error) {
      return readingOf(error, checks);
    } finally {
      if (begun !== undefined) time.take(performance.now() - begun);
    }
  }
}

/** What is known of a part that could not be read to its end. */
function readingOf(error: unknown, checks: readonly CheckOrder[]): PartReading {
  if (!(error instanceof ThreadDeath)) {
    const unreadable = unreadableBy(error);
    if (unreadable === undefined) throw error;
    return { reports: [], unreadable };
  }
  const tooMuch = wanted[error.why];
  if (tooMuch !== undefined) return { reports: [], unreadable: tooMuch };
  return { reports: checks.map((check) => crashed(check, `the thread that read it died: ${error.message}`)) };
}

const wanted: Partial<Record<DeathCause, Unreadable>> = {
  time: { reason: 'limit-exceeded', message: 'it takes longer than reading may take' },
  memory: { reason: 'limit-exceeded', message: 'it takes more memory than reading may take' },
};

/** A blob that is larger than is read. */
export function tooLarge({ size }: Descriptor, most: number): Unreadable | undefined {
  return size > most ? { reason: 'limit-exceeded', message: `it is larger than ${most} bytes` } : undefined;
}
