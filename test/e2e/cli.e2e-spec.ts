import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { RunningProcess } from '../processes/child-process.js';
import { entryPoint } from '../processes/pratique.js';

const command = resolve('tools', 'pratique.mjs');

describe('pratique', () => {
  let folder: string;
  const running = new Set<RunningProcess>();

  const start = (script: string, ...args: string[]): RunningProcess => {
    const child = RunningProcess.start(process.execPath, [script, ...args]);
    running.add(child);
    return child;
  };
  const pratique = (...args: string[]): RunningProcess => start(command, ...args);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-cli-'));
  });

  afterEach(async () => {
    await Promise.all([...running].map((child) => child.kill()));
    running.clear();
    await rm(folder, { recursive: true });
  });

  it('explains itself', async () => {
    const help = pratique('--help');

    expect(await help.exit).toBe(0);
    expect(help.output).toContain('validate');
  });

  it('calls an unknown verb wrong use', async () => {
    expect(await pratique('valdate').exit).toBe(2);
  });

  it('looks after the broker of a running npm start, and finds its sample configuration right', async () => {
    const state = join(folder, 'state');
    const standalone = start(entryPoint('standalone'), '--any-port', '--state', state);
    await standalone.line(/Pratique stays up/);
    const config = join(folder, 'empty.yaml');
    await writeFile(config, '');
    const broker = ['--config', config, '--state', state];

    const validate = pratique('validate', '--config', join(state, 'pratique.yaml'));
    const topology = pratique('topology', 'check', ...broker);
    const letters = pratique('dead-letters', 'list', '--subscription', 'scan', ...broker);

    expect(await Promise.all([validate.exit, topology.exit, letters.exit])).toEqual([0, 0, 0]);
    expect(validate.output).toContain('vendor (external) → customer (production) by rule vendor-images');
    expect(topology.output).toContain('Everything that Pratique needs is on 127.0.0.1');
    expect(letters.output).toContain('scan has no dead letters.');
  });

  it('refuses a way up the order of trust that has no gate', async () => {
    const config = join(folder, 'pratique.yaml');
    const registry = { kind: 'distribution', host: 'a.example' };
    const rule = { name: 'up', from: 'low', to: 'high', repositories: ['**'], when: 'pushed' };
    await writeFile(
      config,
      stringify({
        trust: ['low', 'high'],
        registries: ['low', 'high'].map((name) => ({
          ...registry,
          name,
          host: `${name}.example`,
          trust: name,
        })),
        sync: [rule],
      }),
    );
    const validate = pratique('validate', '--config', config);

    expect(await validate.exit).toBe(1);
    expect(validate.output).toMatch(/sync\[0\]\.when lets every image that is pushed to low up to high/);
  });

  it('prints a Config.json for Microsoft’s emulator that is all of what it prints', async () => {
    const print = pratique('topology', 'print', '--emulator-config', 'service-bus');

    expect(await print.exit).toBe(0);
    expect(JSON.parse(print.output)).toHaveProperty('UserConfig.Namespaces');
  });

  it('is a command that the package names', async () => {
    const { bin } = JSON.parse(await readFile('package.json', 'utf8')) as { bin: Record<string, string> };

    expect(resolve(bin['pratique'] ?? '')).toBe(command);
  });
});
