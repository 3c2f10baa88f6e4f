import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RunningProcess } from './child-process.js';
import { requiredProgram } from './required-program.js';

export interface DockerRegistry {
  /** `127.0.0.1:<port>` */
  host: string;
  /** Where it keeps everything: https://github.com/distribution/distribution/blob/v2.8.2/registry/storage/paths.go */
  storage: string;
  stop(): Promise<void>;
}

export interface Notifications {
  url: string;
  authorization: string;
}

/** Paths of PEM files. */
export interface TlsFiles {
  certificate: string;
  key: string;
}

/** Starts Debian's CNCF Distribution registry on a free port, over a folder of its own. */
export async function startDockerRegistry(notify?: Notifications, tls?: TlsFiles): Promise<DockerRegistry> {
  const program = requiredProgram({ name: 'docker-registry', debianPackage: 'docker-registry' });
  const folder = await mkdtemp(join(tmpdir(), 'pratique-registry-'));
  const config = join(folder, 'config.yml');
  const data = join(folder, 'data');
  await writeFile(config, stringify(configuration({ data, notify, tls })));
  const process = RunningProcess.start(program, ['serve', config]);
  const [, host = ''] = await process.line(/listening on (127\.0\.0\.1:\d+)/);
  return {
    host,
    storage: join(data, 'docker', 'registry', 'v2'),
    stop: async () => {
      await process.kill();
      await rm(folder, { recursive: true });
    },
  };
}

// https://distribution.github.io/distribution/about/configuration/
function configuration(options: {
  data: string;
  notify: Notifications | undefined;
  tls: TlsFiles | undefined;
}): object {
  const { data, notify, tls } = options;
  return {
    version: 0.1,
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', relativeurls: true, ...(tls && { tls }) },
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
