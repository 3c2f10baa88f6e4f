import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** A folder of a test's own, for configurations and secrets. */
export class ConfigFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'pratique-cli-'));

  path(name: string): string {
    return join(this.#path, name);
  }

  /** Writes a file. @returns where it is */
  write(name: string, content: string | object): string {
    writeFileSync(this.path(name), typeof content === 'string' ? content : stringify(content));
    return this.path(name);
  }

  /** A configuration whose section messaging names a broker, or two. @returns where it is */
  broker(serviceBus: string, eventHubs = serviceBus): string {
    const retry = { maxRetries: 0, timeoutMs: 2_000 };
    return this.write('broker.yaml', {
      messaging: {
        serviceBus: { connectionString: { file: this.write('service-bus', serviceBus) } },
        eventHubs: { connectionString: { file: this.write('event-hubs', eventHubs) } },
        retry,
      },
    });
  }

  remove(): void {
    rmSync(this.#path, { recursive: true });
  }
}
