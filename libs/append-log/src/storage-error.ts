import { SetupError } from '@pratique/config';

/**
 * Why a folder cannot be used. `damaged`: the log is broken in the middle, so that accepted messages would be lost by reading on.
 * `in-use`: another process has the folder. `unreadable`: the folder or file cannot be opened, or was not written by this.
 * `write-failed`: the disk refused; nothing is accepted until a restart.
 */
export type StorageErrorCode = 'damaged' | 'in-use' | 'unreadable' | 'write-failed';

export class StorageError extends SetupError {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
