import { environmentVariable } from '@pratique/config';
import { run } from '../processes/child-process.js';

export interface ContainerEngine {
  /** The program and first arguments that stand for `docker`. */
  engine: readonly string[];
  /** … and for `docker compose`. */
  compose: readonly string[];
}

/**
 * Docker where its engine runs, else what `$COMPOSE` and `$ENGINE` name: another engine with Docker's commands.
 *
 * @throws Error that says what to install or set; the tests never skip, since a skipped test proves nothing
 */
export async function findContainerEngine(): Promise<ContainerEngine> {
  const [compose, engine] = [environmentVariable('COMPOSE'), environmentVariable('ENGINE')];
  if (compose !== undefined && engine !== undefined) {
    return { engine: engine.split(' '), compose: compose.split(' ') };
  }
  try {
    await run('docker', ['info']);
    await run('docker', ['compose', 'version']);
    return { engine: ['docker'], compose: ['docker', 'compose'] };
  } catch (cause) {
    const message =
      'No Docker engine with the compose plugin runs here: start one, or name the commands of another engine in ' +
      'COMPOSE and ENGINE, as COMPOSE="podman-compose" ENGINE="podman".';
    throw new Error(message, { cause });
  }
}
