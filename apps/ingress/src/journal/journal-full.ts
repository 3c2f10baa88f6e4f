import type { JournalSettings } from './journal.settings.js';

/** The journal holds as much as it may: the sender must come again. */
export class JournalFull extends Error {
  override readonly name = 'JournalFull';

  constructor({ directory, maxBytes, maxDeliveries }: JournalSettings) {
    super(
      `The journal in '${directory}' holds as much as it may (${maxBytes} bytes, ${maxDeliveries} deliveries): bring the broker back, or allow more.`,
    );
  }
}
