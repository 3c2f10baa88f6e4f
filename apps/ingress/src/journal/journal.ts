import { LogFile, type OpenDiskFile } from '@pratique/append-log';
import type { RegistryEvent } from '@pratique/contracts';
import type { JournalSettings } from './journal.settings.js';
import { encodeLine } from './journal-line.js';
import { JournalReader } from './journal-reader.js';
import { JournalFull } from './journal-full.js';
import { type Segment, SegmentFolder } from './segments.js';

export interface JournalOptions extends JournalSettings {
  /** A door for tests of faults, which give disks that fail. */
  openFile?: OpenDiskFile;
}

interface Active {
  log: LogFile;
  segment: Segment;
}

// A segment goes as a whole, so the space of what is published comes back in pieces of this size.
const mostSegmentBytes = 8 * 1024 * 1024;
const segmentsInJournal = 8;

// A disk that was full is tried again this often, and not at every delivery.
const mendEveryMs = 1_000;

/**
 * Deliveries that the broker has not got yet, in the order in which they were accepted, on disk.
 *
 * Everything that is appended while the disk is busy goes out with one fdatasync. After a crash, what was published may be
 * given once more: the ids of the events make that harmless.
 */
export class Journal {
  /** Events of each delivery that was accepted and is not published, by its number. */
  readonly #pending = new Map<number, number>();
  #segments: Segment[] = [];
  #active: Active | undefined;
  #beginning: Promise<void> | undefined;
  #failedAt = -Infinity;
  #appending = 0;
  #last = 0;

  private constructor(
    private readonly options: JournalOptions,
    private readonly folder: SegmentFolder,
    private readonly reader: JournalReader,
  ) {}

  /**
   * Opens a folder, with what an earlier process has left in it.
   *
   * @throws StorageError, whose message says what to mend
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const folder = await SegmentFolder.open(options.directory, options.openFile);
    try {
      const journal = new Journal(options, folder, new JournalReader());
      await journal.#recover();
      return journal;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Whether nothing waits here: as long as something does, whatever comes must queue behind it. */
  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.#appending === 0;
  }

  get deliveries(): number {
    return this.#pending.size;
  }

  /** What its files take on disk. */
  get bytes(): number {
    const growing = this.#active?.log.bytes ?? 0;
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, growing);
  }

  /** Lines that could not be read when it was opened. */
  get damaged(): number {
    return this.reader.damaged;
  }

  /**
   * Resolves when the events would survive a power cut.
   *
   * @throws JournalFull, or StorageError `write-failed` when the disk does not take them
   */
  async append(events: readonly RegistryEvent[]): Promise<void> {
    const { maxDeliveries, maxBytes } = this.options;
    if (this.#pending.size + this.#appending >= maxDeliveries || this.bytes >= maxBytes)
      throw new JournalFull(this.options);
    this.#appending += 1;
    try {
      const { log, segment } = await this.#writable();
      this.#last += 1;
      const number = this.#last;
      await log.append(encodeLine({ number, events: [...events] }));
      segment.last = number;
      this.#pending.set(number, events.length);
    } catch (error) {
      this.#failedAt = performance.now();
      throw error;
    } finally {
      this.#appending -= 1;
    }
  }

  /** The oldest deliveries that are not published, about so many events of them; nothing when there are none. */
  async next(count: number): Promise<{ events: RegistryEvent[]; through: number } | undefined> {
    const entries = await this.reader.peek(this.#segments, count);
    const through = entries.at(-1)?.number;
    return through === undefined ? undefined : { events: entries.flatMap(({ events }) => events), through };
  }

  /** Notes that the broker has everything up to a delivery. */
  async published(through: number): Promise<void> {
    this.reader.published(through);
    for (const number of this.#pending.keys()) {
      if (number > through) break;
      this.#pending.delete(number);
    }
    const { log } = await this.#writable();
    // Not waited for: without the note, the same events are only published again.
    log.write(encodeLine({ publishedThrough: through }));
    await this.#drop(this.#segments.filter((one) => one !== this.#active?.segment && one.last <= through));
  }

  /** Lets go of the folder. What is not published stays in it. */
  async close(): Promise<void> {
    const isEmpty = this.isEmpty;
    try {
      await this.#active?.log.close();
      if (isEmpty) await this.folder.remove(this.#segments);
    } finally {
      await this.folder.close();
    }
  }

  async #recover(): Promise<void> {
    for (const path of await this.folder.paths()) {
      const { segment, pending, last } = await this.reader.recover(path);
      this.#segments.push(segment);
      // A note may be all that is left of deliveries whose numbers must not be given again.
      this.#last = Math.max(this.#last, last, this.reader.publishedThrough);
      for (const [number, count] of pending) this.#pending.set(number, count);
    }
    for (const number of this.#pending.keys())
      if (number <= this.reader.publishedThrough) this.#pending.delete(number);
    if (this.#pending.size > 0) return;
    await this.folder.remove(this.#segments);
    this.#segments = [];
  }

  async #drop(segments: readonly Segment[]): Promise<void> {
    this.#segments = this.#segments.filter((one) => !segments.includes(one));
    await this.folder.remove(segments);
  }

  /** The segment to write to: a new one for a process, for one that is full, and after a disk has refused. */
  async #writable(): Promise<Active> {
    if (this.#needsSegment()) this.#beginning ??= this.#begin().finally(() => (this.#beginning = undefined));
    await this.#beginning;
    if (this.#active === undefined) throw new Error('the journal has no file to write to');
    return this.#active;
  }

  #needsSegment(): boolean {
    if (this.#active === undefined) return true;
    const { log } = this.#active;
    const size = Math.min(mostSegmentBytes, this.options.maxBytes / segmentsInJournal);
    if (log.hasFailed) return performance.now() - this.#failedAt >= mendEveryMs;
    return log.bytes >= size;
  }

  async #begin(): Promise<void> {
    const { path, file } = await this.folder.begin();
    const full = this.#active;
    const segment: Segment = { path, bytes: 0, last: 0 };
    this.#active = { log: new LogFile(path, { file, size: 0 }), segment };
    this.#segments.push(segment);
    if (full === undefined) return;
    // Those who have appended to it are answered first; nobody else begins to.
    await full.log.close().catch(() => undefined);
    full.segment.bytes = full.log.bytes;
    if (full.segment.last === 0) await this.#drop([full.segment]);
  }
}
