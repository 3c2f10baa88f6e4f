import { spawnSync } from 'node:child_process';
import { type FakeProgram, fakeProgram } from '../../test/fake-program.js';
import { runProgram } from './run-program.js';
import type { ScannerBehaviour } from './scanner.contract.js';

describe('scan/scanners/run-program', () => {
  let program: FakeProgram;

  afterEach(() => program.stop());

  async function run(behaviour: ScannerBehaviour, { signal = new AbortController().signal, env = {} } = {}) {
    program = fakeProgram('trivy', behaviour, { image: 'answer' });
    const { path } = program;
    return await runProgram({
      ...{ path, args: ['image'], env, cwd: '/', maxOutputBytes: 100, signal },
      secrets: ['t0ken'],
    });
  }

  it('returns what the program wrote', async () => {
    expect((await run('answers')).toString()).toBe('answer');
  });

  it('kills what hangs, and what that has started', async () => {
    await expect(run('hangs', { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);

    const pid = program.hangingPid();
    expect(pid).toBeGreaterThan(0);
    await until(() => !isRunning(pid));
  });

  it('says what a program that died complained about, less what is secret', async () => {
    const died = run('dies', { env: { TRIVY_REGISTRY_TOKEN: 't0ken' } });

    await expect(died).rejects.toThrow(/was killed by SIGKILL: FATAL: out of luck with secret \*\*\*$/);
  });

  it('gives it no other variables than those that it is meant to have', async () => {
    program = fakeProgram('trivy', 'answers', { image: '' });
    const { path: _unused, ...rest } = program;
    expect(rest.settings).toBeDefined();
    const output = await runProgram({
      ...{ path: '/usr/bin/env', args: [], env: { ONE: '1' }, cwd: '/', maxOutputBytes: 100 },
      signal: new AbortController().signal,
    });

    expect(output.toString()).toBe('ONE=1\n');
  });

  it('says that there is no such program', async () => {
    program = fakeProgram('trivy', 'answers', {});
    const run = runProgram({
      ...{ path: '/nowhere/trivy', args: [], env: {}, cwd: '/', maxOutputBytes: 1 },
      signal: new AbortController().signal,
    });

    await expect(run).rejects.toMatchObject({ reason: 'scanner-unavailable', retryable: false });
  });
});

/** What was killed and has not been taken note of by its parent is a zombie, and runs no more. */
function isRunning(pid: number | undefined): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

/** A signal takes effect a moment after it was sent. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(condition()).toBe(true);
}
