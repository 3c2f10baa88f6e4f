import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { loadConfigs } from './load-configs.js';

const schemas = {
  ingress: z.object({ http: z.strictObject({ port: z.int() }) }),
  sync: z.object({ http: z.strictObject({ port: z.int() }), trust: z.array(z.string()) }),
};

describe('config/load-configs', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pratique-config-'));
    file = join(folder, 'pratique.yaml');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives each reader its sections', () => {
    writeFileSync(file, 'http: { port: 1 }\ntrust: [low, high]\n');
    expect(loadConfigs(file, schemas)).toEqual({
      ingress: { http: { port: 1 } },
      sync: { http: { port: 1 }, trust: ['low', 'high'] },
    });
  });

  it('finds what is wrong for any of them, and says what is wrong for several only once', () => {
    writeFileSync(file, 'http: { port: x }\ntrust: 7\n');
    expect(() => loadConfigs(file, schemas)).toThrow(
      new ConfigError(file, [
        { line: 1, column: 9, path: 'http.port', message: 'must be a number' },
        { line: 2, column: 1, path: 'trust', message: 'must be an array' },
      ]),
    );
  });

  it('lets the defaults stand for sections that are left out', () => {
    writeFileSync(file, '');
    const defaults = { http: { port: 2 }, trust: [] };
    expect(loadConfigs(file, schemas, { defaults }).sync).toEqual(defaults);
  });
});
