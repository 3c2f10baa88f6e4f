import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

/** A child process that is asked one thing after the other, and may die at any moment. */
export class MortalProcess<Request extends object, Reply extends { kind: string }> {
  readonly #child: ChildProcess;
  /** Resolves when it is dead. */
  readonly died: Promise<void>;

  /** `file`: one of this folder, as it was built. */
  constructor(file: string, args: readonly string[]) {
    this.#child = fork(resolve('dist', 'test', 'faults', 'processes', file), args, { execArgv: [] });
    this.#child.setMaxListeners(0);
    this.died = new Promise((died) => this.#child.once('exit', () => died()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next reply of that kind; nothing when it dies before. */
  async next<K extends Reply['kind']>(kind: K): Promise<Extract<Reply, { kind: K }> | undefined> {
    const { promise, resolve: heard } = Promise.withResolvers<Extract<Reply, { kind: K }>>();
    const listen = (reply: Reply): void => {
      if (reply.kind === kind) heard(reply as Extract<Reply, { kind: K }>);
    };
    this.#child.on('message', listen);
    try {
      return await Promise.race([promise, this.died.then(() => undefined)]);
    } finally {
      this.#child.off('message', listen);
    }
  }

  /** As `next`, after a request. */
  async ask<K extends Reply['kind']>(
    request: Request,
    kind: K,
  ): Promise<Extract<Reply, { kind: K }> | undefined> {
    const reply = this.next(kind);
    // To a process that has died meanwhile nothing can be sent, and that is no error here.
    this.#child.send(request, () => undefined);
    return await reply;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.died;
  }
}
