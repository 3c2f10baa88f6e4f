import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describeScanner, type FakeScanner } from './scanner.contract.js';

const program = join(__dirname, '../../test/fake-scanner-adapter.mjs');

describe('scan/scanners/harbor', () => {
  describeScanner('harbor', {
    start: startAdapter,
    first: { link: 'https://nvd.nist.gov/vuln/detail/CVE-2026-1111' },
    tellsUnrecognised: false,
  });
});

async function startAdapter(behaviour: string): Promise<FakeScanner> {
  // Its input is a pipe that breaks when this process ends, and then it ends as well.
  const adapter = spawn(process.execPath, [program, behaviour], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface({ input: adapter.stdout }), 'line')) as [string];
  const folder = mkdtempSync(join(tmpdir(), 'pratique-adapter-'));
  const file = join(folder, 'token');
  writeFileSync(file, 'adapter-token\n');
  return {
    settings: { kind: 'harbor', url: `http://127.0.0.1:${port}`, credentials: { token: { file } } },
    stop: async () => {
      rmSync(folder, { recursive: true });
      await stop(adapter);
    },
  };
}

async function stop(adapter: ChildProcess): Promise<void> {
  if (adapter.exitCode !== null) return;
  adapter.kill('SIGKILL');
  await once(adapter, 'exit');
}
