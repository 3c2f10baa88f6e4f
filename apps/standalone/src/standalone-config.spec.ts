import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadStandaloneConfig } from './standalone-config.js';

describe('standalone/standalone-config', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pratique-standalone-'));
    writeFileSync(join(folder, 'broker'), 'Endpoint=sb://127.0.0.1;UseDevelopmentEmulator=true');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const load = (text: string): ReturnType<typeof loadStandaloneConfig> => {
    const file = join(folder, 'pratique.yaml');
    writeFileSync(file, text);
    const broker = { connectionString: { file: join(folder, 'broker') } };
    return loadStandaloneConfig(file, {
      registries: [],
      scan: [],
      sync: [],
      messaging: { serviceBus: broker, eventHubs: broker },
      audit: { database: { memory: true } },
    });
  };

  it('needs nothing but what is one’s own', () => {
    const config = load('registries: [{ name: vendor, kind: distribution, host: registry.example }]\n');

    expect(config.sync.registries.map(({ name }) => name)).toEqual(['vendor']);
    expect(config.audit.audit.database).toEqual({ memory: true });
  });

  it('tells what is wrong in any section, each thing once', () => {
    const wrong =
      'registries: [{ name: vendor, kind: acr }]\nsync: [{ name: x, from: vendor, to: nowhere }]\n';

    expect(() => load(wrong)).toThrow(/registries\[0\]\.host is missing/);
    try {
      load(wrong);
    } catch (error) {
      const lines = (error as Error).message.split('\n');
      expect(new Set(lines).size).toBe(lines.length);
    }
  });
});
