/**
 * Something about this installation is not as it must be, and whoever starts the service can mend it: the message says
 * what and how, so nothing else need be printed.
 */
export class SetupError extends Error {
  override readonly name: string = 'SetupError';
}
