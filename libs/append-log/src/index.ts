export { type DiskFile, openDiskFile, type OpenDiskFile } from './disk-file.js';
export { lockFolder } from './folder-lock.js';
export { LogFile, type OpenedLog } from './log-file.js';
export { StorageError, type StorageErrorCode } from './storage-error.js';
export { systemErrorCode } from './system-error-code.js';
