import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RunningProcess } from './child-process.js';
import { requiredProgram } from './required-program.js';

export interface DockerRegistry {
  /** `127.0.0.1:<port>` */
  host: string;
  stop(): Promise<void>;
}

export interface Notifications {
  url: string;
  authorization: string;
}

/** Starts Debian's CNCF Distribution registry on a free port, over a folder of its own. */
export async function startDockerRegistry(notify?: Notifications): Promise<DockerRegistry> {
  const program = requiredProgram({ name: 'docker-registry', debianPackage: 'docker-registry' });
  const folder = await mkdtemp(join(tmpdir(), 'pratique-registry-'));
  const config = join(folder, 'config.yml');
  await writeFile(config, stringify(configuration(join(folder, 'data'), notify)));
  const process = RunningProcess.start(program, ['serve', config]);
  const [, host = ''] = await process.line(/listening on (127\.0\.0\.1:\d+)/);
  return {
    host,
    stop: async () => {
      await process.kill();
      await rm(folder, { recursive: true });
    },
  };
}

// https://distribution.github.io/distribution/about/configuration/
function configuration(data: string, notify: Notifications | undefined): object {
  return {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', relativeurls: true },
    ...(notify && {
      notifications: {
        endpoints: [
          {
            name: 'pratique',
            url: notify.url,
            headers: { Authorization: [notify.authorization] },
            timeout: '5s',
            threshold: 3,
            backoff: '1s',
          },
        ],
      },
    }),
  };
}
