import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// What a process printed last, for the message of a test that fails; older lines are let go.
const keptLines = 200;

/** A process that a test has started, whose output can be awaited. */
export class RunningProcess {
  readonly #lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();
  readonly #exit: Promise<number | null>;

  private constructor(
    readonly command: string,
    readonly child: ChildProcess,
  ) {
    this.#exit = once(child, 'exit').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
  }

  static start(command: string, args: readonly string[], options: SpawnOptions = {}): RunningProcess {
    return new RunningProcess(
      command,
      spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  get output(): string {
    return this.#lines.join('\n');
  }

  /** The code it ended with; `null` after a signal. */
  get exit(): Promise<number | null> {
    return this.#exit;
  }

  /** The first line, printed already or yet to come, that matches. Rejects when the process ends without it. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match !== null) return match;
    }
    const heard = new Promise<RegExpExecArray>((resolve) => {
      const listen = (line: string): void => {
        const match = pattern.exec(line);
        if (match === null) return;
        this.#waiting.delete(listen);
        resolve(match);
      };
      this.#waiting.add(listen);
    });
    const ended = this.#exit.then((code) => {
      throw new Error(
        `${this.command} ended (${code}) without printing ${pattern}. It printed:\n${this.output}`,
      );
    });
    return Promise.race([heard, ended]);
  }

  /** Ends it as a power cut would: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }

  /** Asks it to end, and waits until it has. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#exit;
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    for (const listen of this.#waiting) listen(line);
  }
}

/** Runs a program to its end. @returns what it printed on standard output. @throws Error with everything it printed */
export async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const output = Buffer.concat(chunks).toString();
  if (code === 0) return output;
  throw new Error(
    `${command} ${args.join(' ')} ended with ${code}:\n${output}${Buffer.concat(errors).toString()}`,
  );
}
