import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerReport, ServerTask } from './server-messages.js';

/** A server in a process of its own. What it logs is written, as in production, and thrown away. */
export class ServerUnderTest {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(which: 'ingress' | 'bare', task: ServerTask = {}): Promise<ServerUnderTest> {
    const child = fork(new URL(`./${which}-process.js`, import.meta.url), [JSON.stringify(task)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const exited = once(child, 'exit').then(() => Promise.reject(new Error(`${which} ended at its start`)));
    const [report] = (await Promise.race([once(child, 'message'), exited])) as [ServerReport];
    exited.catch(() => undefined);
    return new ServerUnderTest(child, report.port ?? 0);
  }

  /** Processor time that the process has used so far. */
  async cpuMicroseconds(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('cpu');
    const [report] = (await answer) as [ServerReport];
    return report.cpuMicroseconds ?? Number.NaN;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
