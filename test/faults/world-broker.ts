import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type AzureMessagingEmulator,
  type Interceptor,
  openDiskFile,
  type OpenDiskFile,
  startAzureMessagingEmulator,
} from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import type { Remains } from './check-history.js';
import { services } from './conduct.js';
import type { JumpingClock } from './jumping-clock.js';

export const lockMs = 5_000;
/** More than the faults of a seed can use up. */
const maxDeliveryCount = 100;

export interface WorldBrokerOptions {
  clock: JumpingClock;
  intercept: Interceptor;
  duplicateDetection: boolean;
  /** Where it keeps everything; gives an empty folder at every call. Without, it is in memory. */
  newFolder?: (() => string) | undefined;
}

/** The broker of a world. It may die, and its disk may be full; then another one starts on what it has written. */
export class WorldBroker {
  #emulator!: AzureMessagingEmulator;
  #folder: string | undefined;
  #disk = { full: false };
  /** Its own: what lives on of another world may find this broker at the port of a dead one, and must not work here. */
  readonly #sharedAccessKey = randomUUID();

  private constructor(private readonly options: WorldBrokerOptions) {}

  static async start(options: WorldBrokerOptions): Promise<WorldBroker> {
    const broker = new WorldBroker(options);
    broker.#emulator = await broker.#startOn(options.newFolder?.());
    return broker;
  }

  get port(): number {
    return this.#emulator.port;
  }

  get connectionString(): string {
    return this.#emulator.connectionString;
  }

  /** What waits, and what has been dead-lettered since the world began. */
  remains(): Remains {
    const stats = services.map((service) => this.#emulator.subscriptionStats('registry-events', service));
    const sum = (of: (one: (typeof stats)[number]) => number): number =>
      stats.reduce((total, one) => total + of(one), 0);
    return {
      pending: sum(({ active, locked, scheduled }) => active + locked + scheduled),
      deadLettered: sum(({ deadLettered }) => deadLettered),
    };
  }

  /** From now on it can write nothing. While another one starts in its place, that is still the dead one. */
  fillDisk(): void {
    this.#disk.full = true;
  }

  /** What the disk holds at this moment is what a process finds that starts after SIGKILL. The dead one is closed later. */
  async replace(): Promise<{ deadIsGone: Promise<void> }> {
    const [killed, found] = [this.#folder, this.options.newFolder?.()];
    if (killed === undefined || found === undefined) return { deadIsGone: Promise.resolve() };
    cpSync(killed, found, { recursive: true, filter: (path) => basename(path) !== 'lock' });
    const dead = this.#emulator;
    this.#emulator = await this.#startOn(found);
    return { deadIsGone: dead.close() };
  }

  async close(): Promise<void> {
    await this.#emulator.close();
  }

  async #startOn(folder: string | undefined): Promise<AzureMessagingEmulator> {
    const disk = { full: false };
    const { topics, eventHubs } = messagingTopology();
    const { duplicateDetection, clock, intercept } = this.options;
    const emulator = await startAzureMessagingEmulator({
      port: 0,
      sharedAccessKey: this.#sharedAccessKey,
      storage: folder === undefined ? 'memory' : { folder, openFile: onDisk(disk) },
      clock,
      eventHubs,
      topics: topics.map(({ name, duplicateDetectionWindowMs, subscriptions }) => ({
        name,
        ...(duplicateDetection && { duplicateDetectionWindowMs }),
        subscriptions: subscriptions
          .filter((one) => services.some((service) => service === one.name))
          .map((one) => ({ ...one, lockDurationMs: lockMs, maxDeliveryCount })),
      })),
      intercept,
    });
    // Only now: a disk that is full before anybody is served would keep it from ever starting.
    [this.#folder, this.#disk] = [folder, disk];
    return emulator;
  }
}

/** A full disk takes half of what is written, as a real one may. */
function onDisk(disk: { full: boolean }): OpenDiskFile {
  return async (path) => {
    const file = await openDiskFile(path);
    return {
      write: (bytes) => {
        file.write(disk.full ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes);
        if (disk.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  };
}
