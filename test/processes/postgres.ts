import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { run, RunningProcess } from './child-process.js';
import { freePort } from './free-port.js';
import { requiredProgram } from './required-program.js';

export interface Postgres {
  url: string;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL server of its own on a free port, over a folder of its own. */
export async function startPostgres(): Promise<Postgres> {
  const initdb = requiredProgram({ name: 'initdb', debianPackage: 'postgresql' });
  const server = requiredProgram({ name: 'postgres', debianPackage: 'postgresql' });
  const folder = await mkdtemp(join(tmpdir(), 'pratique-postgres-'));
  const owner = await serverUser();
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const options = { ...owner, cwd: folder, env: { LC_ALL: 'C.UTF-8' } };
  await run(initdb, ['-D', data, '-U', 'pratique', '-A', 'trust', '--no-sync'], options);
  const port = await freePort();
  const args = ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', folder, '-c', 'log_min_messages=info'];
  const process = RunningProcess.start(server, args, options);
  await process.line(/database system is ready to accept connections/);
  return {
    url: `postgres://pratique@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await process.stop('SIGINT');
      await rm(folder, { recursive: true });
    },
  };
}

// PostgreSQL refuses to run as root; Debian's package brings a user for it.
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid), gid: Number(gid) };
}
