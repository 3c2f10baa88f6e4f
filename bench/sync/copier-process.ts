import { readFileSync } from 'node:fs';
import { RegistryHost, RepositoryName, type Tag } from '@pratique/contracts';
import { anonymousTokens, copyImage, type CopyReport, RegistryClient } from '@pratique/oci';
import { type CopierAnswer, type CopierJob, sumOf } from './copier-job.js';

/** Images that are copied at the same time, as a service with eight messages in hand does. */
const imagesAtOnce = 8;

// Pratique's side of the bench: a process that stays, as a service does, and copies what it is told to.
process.on('disconnect', () => process.exit());
process.on('message', (job: CopierJob) => {
  void carryOut(job).then((answer) => process.send?.(answer));
});

async function carryOut(job: CopierJob): Promise<CopierAnswer> {
  const [source, target] = [connect(job.source, job), connect(job.target, job)];
  const begun = performance.now();
  try {
    const reports = await copyAll(job, source, target);
    const wallMs = performance.now() - begun;
    const sum = sumOf(reports);
    // Each tag was resolved at the source before it was copied.
    return { wallMs, peakMb: peakMb(), ...sum, requests: sum.requests + sum.images };
  } catch (error) {
    return { wallMs: 0, peakMb: 0, requests: 0, images: 0, bytes: 0, error: String(error) };
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

function connect(host: string, { plainHttp }: CopierJob): RegistryClient {
  return new RegistryClient({ host: RegistryHost.parse(host), plainHttp, tokens: anonymousTokens() });
}

async function copyAll(
  job: CopierJob,
  source: RegistryClient,
  target: RegistryClient,
): Promise<CopyReport[]> {
  const repository = RepositoryName.parse(job.repository);
  const listed: Tag[] = [];
  for await (const tag of source.tags(repository)) listed.push(tag);
  const tags = listed.values();
  const reports: CopyReport[] = [];
  const worker = async (): Promise<void> => {
    for (const tag of tags) reports.push(await copyTag(tag));
  };
  const copyTag = async (tag: Tag): Promise<CopyReport> => {
    const named = await source.resolve(repository, tag);
    if (named === undefined) throw new Error(`${repository}:${tag} has gone`);
    return await copyImage({
      source: { client: source, repository, digest: named.digest },
      target: { client: target, repository, tags: [tag] },
      verification: job.verify,
    });
  };
  await Promise.all(Array.from({ length: imagesAtOnce }, worker));
  return reports;
}

/** `VmHWM` (proc_pid_status(5)), in MB: `ru_maxrss` would count what the parent held when it forked. */
function peakMb(): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
