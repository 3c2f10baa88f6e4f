import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { EmulatorReport } from './emulator-process.js';

/** As the image starts it (the ENTRYPOINT of the Dockerfile): otherwise V8 lets some 200 MB of garbage lie about. */
const processFlags = ['--optimize-for-size'];

/** The emulator in a process of its own, so that its time and memory can be told from the client's. */
export class EmulatorUnderTest {
  private constructor(
    private readonly child: ChildProcess,
    readonly report: EmulatorReport,
  ) {}

  /** `storage`: a folder, or 'memory'. */
  static async start(storage: string): Promise<EmulatorUnderTest> {
    const child = fork(new URL('./emulator-process.js', import.meta.url), [storage], {
      execArgv: processFlags,
    });
    const [report] = (await once(child, 'message')) as [EmulatorReport];
    return new EmulatorUnderTest(child, report);
  }

  /** Resident memory in MB (proc_pid_status(5)). */
  async residentMb(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}
