import { type AcrEmulator, type AcrEmulatorOptions, startAcrEmulator } from '../acr-emulator.js';
import type { Identity } from '../auth/identity.js';
import { RegistryClient } from './registry-client.js';

/** May do everything but lift quarantine, everywhere. */
export const developer: Identity = {
  name: 'developer',
  credentials: { username: 'developer', password: 'correct:horse' },
  repositories: ['*'],
  actions: ['pull', 'push', 'delete', 'metadata_read', 'metadata_write'],
};

/** May only pull, and only below `team/`. */
export const reader: Identity = {
  name: 'reader',
  credentials: { username: 'reader', password: 'battery-staple' },
  repositories: ['team/*'],
  actions: ['pull', 'metadata_read'],
};

/** AcrQuarantineWriter and AcrPush, as the scanner of the quarantine documentation. */
export const scanner: Identity = {
  name: 'scanner',
  credentials: { username: 'scanner', password: 'scan-it' },
  repositories: ['*'],
  actions: ['pull', 'push', 'metadata_read', 'quarantine_read', 'quarantine_write'],
};

/** Emulators that are stopped after each test. */
export class Running {
  readonly #closers: (() => Promise<void>)[] = [];

  async registry(options: Partial<AcrEmulatorOptions> = {}): Promise<AcrEmulator> {
    const registry = await startAcrEmulator({
      name: 'vendor',
      identities: [developer, reader, scanner],
      ...options,
    });
    this.onStop(() => registry.close());
    return registry;
  }

  onStop(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** A client with the password of an identity. */
export function clientOf(registry: AcrEmulator, { credentials }: Identity): RegistryClient {
  if (!('username' in credentials)) throw new Error('The identity has no password.');
  return new RegistryClient(registry, credentials);
}
