import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { stringify } from 'yaml';
import { RunningProcess } from '../processes/child-process.js';
import { entryPoint } from '../processes/pratique.js';

const stays = /Pratique stays up/;

describe('npm start', () => {
  let folder: string;
  let pratique: RunningProcess | undefined;

  const start = (...args: string[]): RunningProcess => {
    pratique = RunningProcess.start(process.execPath, [entryPoint('standalone'), ...args]);
    return pratique;
  };
  const startSample = (): RunningProcess => start('--any-port', '--state', join(folder, 'state'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-standalone-'));
  });

  afterEach(async () => {
    await pratique?.kill();
    await rm(folder, { recursive: true });
  });

  it('shows the way of an image that passes and of one that does not', async () => {
    const run = startSample();

    await run.line(stays);

    expect(run.output).toMatch(
      /ingress +image\.pushed .*vendor reports that bicep\/network:1\.0\.0 was pushed/,
    );
    expect(run.output).toMatch(/sync +sync\.copied/);
    expect(run.output).toMatch(/scan +scan\.passed/);
    expect(run.output).toMatch(/scan +scan\.failed .*notes\.txt/);
    expect(run.output).toMatch(/scan +quarantine\.released/);
    expect(run.output).toMatch(/scan +quarantine\.retained/);
    expect(run.output).toMatch(/bicep\/network:1\.0\.0 passed, and anybody .* can pull it/);
    expect(run.output).toMatch(/bicep\/notes:1\.0\.0 did not pass: it stays in quarantine/);
  });

  it('ends with status 0 on Ctrl-C, and starts again over the state that it left', async () => {
    const first = startSample();
    await first.line(stays);

    expect(await first.stop('SIGINT')).toBe(0);

    const second = startSample();
    await second.line(stays);
    expect(second.output).toMatch(/bicep\/network:1\.0\.0 passed/);
  });

  it('starts again after a power cut in the middle of its work', async () => {
    const first = startSample();
    await first.line(/image\.pushed/);
    await first.kill();

    const second = startSample();

    await second.line(stays);
    expect(second.output).toMatch(/bicep\/network:1\.0\.0 passed/);
  });

  it('keeps every secret out of its log', async () => {
    const run = startSample();
    await run.line(stays);
    await run.stop('SIGINT');

    const log = await readFile(join(folder, 'state', 'pratique.log'), 'utf8');
    const secret = await readFile(join(folder, 'state', 'secrets', 'vendor-webhook-secret'), 'utf8');
    expect(log).not.toContain(secret);
    expect(run.output).not.toContain(secret);
  });

  it('runs on registries of one’s own, without samples', async () => {
    const config = join(folder, 'pratique.yaml');
    await writeFile(join(folder, 'secret'), 'not-a-secret');
    const webhook = { secret: { file: join(folder, 'secret') } };
    const vendor = { name: 'vendor', kind: 'acr', host: '127.0.0.1:1', plainHttp: true, webhook };
    await writeFile(config, stringify({ http: { port: 0 }, registries: [vendor] }));
    const run = start('--config', config, '--any-port', '--state', join(folder, 'state'));
    const [, url = ''] = await run.line(/Webhooks: (http:[^ ]+)\/webhooks/);
    await run.line(/Waiting for webhooks/);

    const { statusCode, body } = await request(`${url}/webhooks/vendor`, {
      method: 'POST',
      headers: { authorization: 'Bearer not-a-secret' },
      body: JSON.stringify({ action: 'push', target: { repository: 'team/app', tag: '1' } }),
    });
    await body.dump();

    expect(statusCode).toBe(202);
    await run.line(/ingress +image\.pushed .*vendor reports that team\/app:1 was pushed/);
  });

  it('explains its options', async () => {
    const run = start('--help');

    expect(await run.exit).toBe(0);
    expect(run.output).toContain('--config FILE');
  });

  it('refuses an option that it does not know', async () => {
    const run = start('--conifg', 'x');

    expect(await run.exit).toBe(2);
    expect(run.output).toContain("'--conifg'");
  });

  it('names file, line and mend of a wrong configuration', async () => {
    const run = start(
      '--config',
      join(folder, 'absent.yaml'),
      '--any-port',
      '--state',
      join(folder, 'state'),
    );

    expect(await run.exit).toBe(1);
    expect(run.output).toMatch(/absent\.yaml:1:1: cannot be read \(ENOENT\): name the file with --config/);
  });
});
