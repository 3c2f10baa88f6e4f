import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface BrokerQuestion {
  id: number;
  /** Answer now, or as soon as no message is left. */
  until: 'now' | 'drained';
}

export type BrokerReport = { id: number; waiting: number } | { id: 0; connectionString: string };

/** The emulator in a process of its own, so that it takes no time from what is measured. */
export class Broker {
  #questions = 0;

  private constructor(
    private readonly child: ChildProcess,
    readonly connectionString: string,
  ) {
    // One listener for each question that waits.
    child.setMaxListeners(0);
  }

  /** @param folder where it keeps its messages; without it they are in memory alone */
  static async start(folder?: string): Promise<Broker> {
    const child = fork(new URL('./broker-process.js', import.meta.url), folder === undefined ? [] : [folder]);
    const [report] = (await once(child, 'message')) as [BrokerReport];
    if (!('connectionString' in report)) throw new Error('the broker did not start');
    return new Broker(child, report.connectionString);
  }

  /** Resolves when the subscription has no message left, settled or not. */
  async drained(): Promise<void> {
    await this.#ask('drained');
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  #ask(until: BrokerQuestion['until']): Promise<BrokerReport> {
    this.#questions += 1;
    const id = this.#questions;
    return new Promise((resolve) => {
      const onReport = (report: BrokerReport): void => {
        if (report.id !== id) return;
        this.child.off('message', onReport);
        resolve(report);
      };
      this.child.on('message', onReport);
      this.child.send({ id, until } satisfies BrokerQuestion);
    });
  }
}
