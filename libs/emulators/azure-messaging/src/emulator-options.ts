import type { BrokerQueueOptions, BrokerTopicOptions } from './engine/broker.js';
import type { Clock } from './engine/clock.js';
import type { EventHubOptions } from './engine/event-hub.js';
import type { Interceptor } from './protocol/interceptor.js';
import type { FolderOptions } from './storage/folder-storage.js';

export interface EmulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 'memory' forgets everything on `close`; a folder is made when it is missing and belongs to one emulator at a time. */
  readonly storage: 'memory' | FolderOptions;
  /** Default `RootManageSharedAccessKey`, the name that Azure gives to a namespace's first key. */
  readonly sharedAccessKeyName?: string;
  /** Default `SAS_KEY_VALUE`, which Microsoft's own emulator uses. Used as text, not decoded. */
  readonly sharedAccessKey?: string;
  /** Time for locks, schedules and windows; the default is the system's. */
  readonly clock?: Clock;
  /** A subscription without rules takes everything. Defaults: lock 60 s, 10 deliveries, no duplicate detection. */
  readonly topics: readonly BrokerTopicOptions[];
  readonly queues?: readonly BrokerQueueOptions[];
  readonly eventHubs: readonly EventHubOptions[];
  /** A door for tests of faults, see `Interceptor`. */
  readonly intercept?: Interceptor;
}

export const DEFAULT_KEY_NAME = 'RootManageSharedAccessKey';
export const DEFAULT_KEY = 'SAS_KEY_VALUE';
