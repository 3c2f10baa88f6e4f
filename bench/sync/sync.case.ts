import type { BenchCase } from '../bench.js';
import { compareInTurn } from '../compare-in-turn.js';
import {
  type DockerRegistry,
  startDockerRegistry,
  type TlsFiles,
} from '../../test/processes/docker-registry.js';
import { skopeo, skopeoTrusting } from '../../test/processes/skopeo.js';
import { Copier } from './copier.js';
import type { CopierAnswer, CopierJob } from './copier-job.js';
import { type Corpus, pushCorpus } from './corpus.js';

export interface SyncCase {
  case: string;
  corpus: Corpus;
  /** Cold: every round copies into an empty registry. Unchanged: the target has it all. */
  state: 'cold' | 'unchanged';
  /** `sync` is for many tags; `copy` is quicker for one image. */
  skopeo: 'sync' | 'copy';
  verify?: CopierJob['verify'];
  /** Most megabytes that Pratique's process may hold; a case of its own in the table. */
  memoryLimitMb?: number;
  tls?: TlsFiles;
}

/** Runs one case over a source registry that stays, and as many targets as are needed. */
export async function runSyncCase(syncCase: SyncCase, onCase: (result: BenchCase) => void): Promise<void> {
  const { corpus, tls, memoryLimitMb } = syncCase;
  const source = await startDockerRegistry(undefined, tls);
  const copier = Copier.start(tls?.certificate);
  const target = new Target(syncCase);
  try {
    await pushCorpus(source.host, corpus, tls);
    let answer: CopierAnswer | undefined;
    const ours = async (): Promise<number> => {
      answer = await copier.copy(jobOf(syncCase, source.host, await target.ready()));
      return answer.wallMs;
    };
    const theirs = async (): Promise<number> => {
      const host = await target.ready();
      const begun = performance.now();
      await runSkopeo(syncCase, source.host, host);
      return performance.now() - begun;
    };
    // What is to be found unchanged has to be there.
    if (syncCase.state === 'unchanged') await ours();
    onCase(
      await compareInTurn({
        case: syncCase.case,
        unit: 'ms',
        reference: `skopeo ${syncCase.skopeo}`,
        measure: ours,
        measureReference: theirs,
      }),
    );
    if (answer !== undefined && syncCase.state === 'unchanged') onCase(requestsCase(syncCase, answer));
    if (memoryLimitMb !== undefined) onCase(memoryCase(syncCase, copier.peakMb, memoryLimitMb));
  } finally {
    await Promise.all([copier.stop(), source.stop(), target.stop()]);
  }
}

/** The registry that is copied to: a new one for every cold copy. */
class Target {
  private registry: DockerRegistry | undefined;

  constructor(private readonly syncCase: SyncCase) {}

  async ready(): Promise<string> {
    if (this.syncCase.state === 'cold') await this.stop();
    this.registry ??= await startDockerRegistry(undefined, this.syncCase.tls);
    return this.registry.host;
  }

  async stop(): Promise<void> {
    await this.registry?.stop();
    this.registry = undefined;
  }
}

function jobOf({ corpus, verify, tls }: SyncCase, source: string, target: string): CopierJob {
  const { repository } = corpus;
  return { source, target, repository, plainHttp: tls === undefined, verify: verify ?? 'manifests' };
}

async function runSkopeo(syncCase: SyncCase, source: string, target: string): Promise<void> {
  const { corpus, tls } = syncCase;
  const { repository } = corpus;
  const whole = ['--all', '--preserve-digests'];
  const folder = repository.slice(0, repository.lastIndexOf('/'));
  const args =
    syncCase.skopeo === 'sync'
      ? ['sync', ...whole, '--src=docker', '--dest=docker', `${source}/${repository}`, `${target}/${folder}`]
      : ['copy', ...whole, `docker://${source}/${repository}:0`, `docker://${target}/${repository}:0`];
  if (tls !== undefined) {
    await skopeoTrusting(tls.certificate, ...args);
    return;
  }
  const [verb = '', ...rest] = args;
  await skopeo(verb, '--src-tls-verify=false', '--dest-tls-verify=false', ...rest);
}

// Distribution's list of tags names no digests, so each of both registries is asked for each.
const headsForTag = 2;

function requestsCase({ case: name }: SyncCase, { requests, images }: CopierAnswer): BenchCase {
  const value = requests / images;
  return {
    case: `${name}, requests`,
    value: Number(value.toFixed(2)),
    unit: 'per tag',
    reference: 'a HEAD to either registry',
    referenceValue: headsForTag,
    ratio: Number((value / headsForTag).toFixed(3)),
    rounds: 1,
  };
}

function memoryCase({ case: name }: SyncCase, peakMb: number, limitMb: number): BenchCase {
  return {
    case: `${name}, peak memory`,
    value: Math.round(peakMb),
    unit: 'MB',
    reference: 'the limit',
    referenceValue: limitMb,
    ratio: Number((peakMb / limitMb).toFixed(3)),
    rounds: 5,
  };
}
