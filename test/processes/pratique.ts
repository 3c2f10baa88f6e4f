import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { RunningProcess } from './child-process.js';

export type Service = 'ingress' | 'scan' | 'sync' | 'audit';

/** The built entry point of an app. */
export function entryPoint(app: Service | 'standalone'): string {
  return resolve('dist', 'apps', app, 'src', 'main.js');
}

export interface RunningService {
  process: RunningProcess;
  url: string;
}

/** A folder with a `pratique.yaml`, from which services are started as processes of their own. */
export class Installation {
  private readonly running = new Set<RunningProcess>();

  private constructor(readonly folder: string) {}

  static async create(): Promise<Installation> {
    return new Installation(await mkdtemp(join(tmpdir(), 'pratique-')));
  }

  /** Starts a service on a port of its own and waits until it is up. */
  async start(service: Service, config: object): Promise<RunningService> {
    const file = join(this.folder, `${service}.yaml`);
    await writeFile(file, stringify({ ...config, http: { port: 0 } }));
    const child = RunningProcess.start(process.execPath, ['--enable-source-maps', entryPoint(service)], {
      env: { PRATIQUE_CONFIG: file },
    });
    this.running.add(child);
    const [, url = ''] = await child.line(new RegExp(`${service} answers at (http://[0-9.:]+)`));
    return { process: child, url };
  }

  /** Writes a secret into a file and gives the reference to it, as `pratique.yaml` has it. */
  async secret(name: string, value: string): Promise<{ file: string }> {
    const file = join(this.folder, name);
    await writeFile(file, value);
    return { file };
  }

  /** Ends what still runs, and takes the folder away. */
  async remove(): Promise<void> {
    await Promise.all([...this.running].map((child) => child.kill()));
    await rm(this.folder, { recursive: true });
  }
}
