import { type ChildProcess, spawn } from 'node:child_process';
import { invalidAnswer, type NoAnswerError, unavailable } from './no-answer-error.js';

export interface ProgramRun {
  /** The program's own file; no shell reads it. */
  path: string;
  args: readonly string[];
  /** All that it sees of the environment. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  maxOutputBytes: number;
  /** Values that must not be repeated from what it prints. */
  secrets?: readonly string[];
  signal: AbortSignal;
}

// As much of what it complained about as a sentence has room for.
const maxComplaint = 500;

/**
 * Runs a program to its end and returns what it wrote to standard output.
 *
 * It gets a process group of its own, all of which is killed when its time is over, when it writes more than it may, and
 * when it ends: nothing that it started outlives it.
 *
 * @throws NoAnswerError when it is not there, dies, ends with anything but 0, or writes too much
 * @throws the signal's reason when aborted
 */
export async function runProgram(run: ProgramRun): Promise<Buffer> {
  run.signal.throwIfAborted();
  const { path, args, env, cwd } = run;
  const child = spawn(path, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output = new BoundedOutput(run.maxOutputBytes);
  const complaint = new Tail(4096);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const stop = (error: unknown): void => {
        killGroup(child);
        // What it started may hold the pipes open; nobody reads them any more.
        child.stdout.destroy();
        child.stderr.destroy();
        reject(error);
      };
      const onAbort = (): void => stop(run.signal.reason);
      run.signal.addEventListener('abort', onAbort, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        if (!output.take(chunk)) stop(invalidAnswer(`${path} wrote more than ${run.maxOutputBytes} bytes.`));
      });
      child.stderr.on('data', (chunk: Buffer) => complaint.take(chunk));
      child.once('error', (error) => stop(notStarted(run, error)));
      child.once('exit', () => killGroup(child));
      child.once('close', (code, signal) => {
        run.signal.removeEventListener('abort', onAbort);
        if (code === 0) resolve(output.bytes());
        else reject(ended(run, { code, signal, complaint: complaint.text() }));
      });
    });
  } finally {
    killGroup(child);
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Everything in it has ended.
  }
}

function notStarted({ path }: ProgramRun, error: Error): NoAnswerError {
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  return unavailable(`${path} cannot be started (${code}): install it, or mend the scanner's path.`, {
    retryable: false,
    cause: error,
  });
}

function ended(
  { path, secrets = [] }: ProgramRun,
  { code, signal, complaint }: { code: number | null; signal: NodeJS.Signals | null; complaint: string },
): NoAnswerError {
  const how = signal === null ? `ended with ${code}` : `was killed by ${signal}`;
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), complaint).trim();
  const last = said.slice(-maxComplaint).replaceAll(/\s+/g, ' ').toWellFormed();
  return unavailable(`${path} ${how}${last === '' ? '.' : `: ${last}`}`);
}

class BoundedOutput {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(private readonly most: number) {}

  /** @returns false once there is more than there may be; that chunk is not kept */
  take(chunk: Buffer): boolean {
    this.size += chunk.length;
    if (this.size > this.most) return false;
    this.chunks.push(chunk);
    return true;
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** The end of a stream that may be of any length. */
class Tail {
  private kept = Buffer.alloc(0);

  constructor(private readonly most: number) {}

  take(chunk: Buffer): void {
    const all = Buffer.concat([this.kept, chunk.subarray(-this.most)]);
    this.kept = all.subarray(-this.most);
  }

  text(): string {
    return this.kept.toString('utf8');
  }
}
