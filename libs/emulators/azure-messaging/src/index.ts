export type { EmulatorOptions } from './emulator-options.js';
export type { EntityStats, EventHubStats } from './entity-stats.js';
export type { Clock, Timer } from './engine/clock.js';
export { systemClock } from './engine/clock.js';
export { EngineError, type EngineErrorCode } from './engine/engine-error.js';
export { FilterError, type FilterErrorCode } from './engine/filter/filter-error.js';
export { ManualClock } from './engine/manual-clock.js';
export type { EmulatorDecision, EmulatorMoment, Interceptor } from './protocol/interceptor.js';
export {
  type AzureMessagingEmulator,
  startAzureMessagingEmulator,
} from './start-azure-messaging-emulator.js';
export {
  type DiskFile,
  openDiskFile,
  type OpenDiskFile,
  StorageError,
  type StorageErrorCode,
} from '@pratique/append-log';
export type { FolderOptions } from './storage/folder-storage.js';
