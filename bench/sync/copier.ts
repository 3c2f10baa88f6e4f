import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { CopierAnswer, CopierJob } from './copier-job.js';

/**
 * As sync is started (k8s/base/sync.yaml): bytes pass through in buffers that are garbage at once, and a large nursery would let
 * some hundred megabytes of them lie about before it is swept.
 */
const processFlags = ['--max-semi-space-size=2'];

/** Pratique's copy in a process of its own, which stays warm over the rounds of a case. */
export class Copier {
  /** Megabytes that the process has held at most. */
  peakMb = 0;

  private constructor(private readonly child: ChildProcess) {}

  /** `authority`: PEM file of the certificate authority to trust. */
  static start(authority?: string): Copier {
    return new Copier(
      fork(new URL('./copier-process.js', import.meta.url), {
        execArgv: processFlags,
        env: { ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }) },
      }),
    );
  }

  async copy(job: CopierJob): Promise<CopierAnswer> {
    const heard = once(this.child, 'message');
    this.child.send(job);
    const [answer] = (await heard) as [CopierAnswer];
    if (answer.error !== undefined) throw new Error(answer.error);
    this.peakMb = Math.max(this.peakMb, answer.peakMb);
    return answer;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
