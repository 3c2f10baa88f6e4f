import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { loadConfig, parseConfig } from './load-config.js';
import type { Secret } from './secret.js';
import { SecretReference } from './secret-reference.js';

const Registry = z.discriminatedUnion('kind', [
  z.strictObject({
    name: z.string(),
    kind: z.literal('acr'),
    webhook: z.strictObject({ secret: SecretReference }).optional(),
    credentials: z
      .union([
        z.strictObject({ identity: z.enum(['workload', 'default']) }),
        z.strictObject({ username: z.string(), password: SecretReference }),
      ])
      .optional(),
  }),
  z.strictObject({ name: z.string(), kind: z.literal('distribution'), port: z.int().optional() }),
]);
const Config = z.object({ registries: z.array(Registry) });

const file = 'pratique.yaml';

function problemsOf(text: string): string[] {
  try {
    parseConfig({ file, text }, Config);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('config/load-config', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pratique-config-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('returns what the sections say, and leaves the sections of other services alone', () => {
    const config = parseConfig({ file, text: 'registries: [{ name: a, kind: acr }]\nsync: []\n' }, Config);

    expect(config).toEqual({ registries: [{ name: 'a', kind: 'acr' }] });
  });

  it('takes a default for a section that the file leaves out, and only for such a one', () => {
    const defaults = { registries: [{ name: 'default', kind: 'acr' }] };

    expect(parseConfig({ file, text: 'sync: []', defaults }, Config)).toEqual(defaults);
    expect(parseConfig({ file, text: 'registries: []', defaults }, Config)).toEqual({ registries: [] });
  });

  it('refuses a file that is not a mapping of sections', () => {
    expect(problemsOf('- a\n- b\n')).toContain('pratique.yaml:1:1: must be an object');
  });

  it('freezes what it returns, at every depth', () => {
    const config = parseConfig({ file, text: 'registries: [{ name: a, kind: acr }]' }, Config);

    expect(() => config.registries.push({ name: 'b', kind: 'distribution' })).toThrow(TypeError);
    expect(() => Object.assign(config.registries[0] ?? {}, { name: 'b' })).toThrow(TypeError);
  });

  it('names line, path and mend of a value that is not one of the allowed', () => {
    expect(problemsOf('registries:\n  - name: a\n    kind: arc\n')).toEqual([
      'pratique.yaml:3:5: registries[0].kind must be one of "acr", "distribution"',
    ]);
  });

  it('names the place where a setting is missing', () => {
    expect(problemsOf('registries:\n  - kind: acr\n')).toEqual([
      'pratique.yaml:2:5: registries[0].name is missing: add a string',
    ]);
  });

  it('refuses a setting that does not exist, and points at it', () => {
    expect(problemsOf('registries:\n  - name: a\n    kind: acr\n    secert: x\n')).toEqual([
      'pratique.yaml:4:5: registries[0].secert is not a setting that exists here',
    ]);
  });

  it('refuses a misspelt section and lists the right ones', () => {
    expect(problemsOf('registries: []\nregistrys: []\n')).toEqual([
      expect.stringMatching(/^pratique\.yaml:2:1: registrys is no section .* trust, registries/),
    ]);
  });

  it('reports everything that is wrong at once', () => {
    expect(
      problemsOf('registries:\n  - kind: acr\n  - name: b\n    kind: distribution\n    port: x\n'),
    ).toHaveLength(2);
  });

  it('points at the line of a syntax error', () => {
    expect(problemsOf('registries: []\nsync: [\n')).toEqual([
      expect.stringMatching(/^pratique\.yaml:\d+:\d+: /),
    ]);
  });

  it('refuses a key that is written twice', () => {
    expect(problemsOf('registries: []\nregistries: []\n')).toEqual([
      expect.stringMatching(/^pratique\.yaml:2:/),
    ]);
  });

  it('refuses aliases that multiply beyond reason', () => {
    const bomb = `trust:\n  a: &a [x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n  d: [*c,*c,*c,*c,*c,*c]\nregistries: []\n`;

    expect(problemsOf(bomb)).toEqual([expect.stringContaining('alias')]);
  });

  it('says how to name the file when there is none', () => {
    const missing = join(folder, 'absent.yaml');

    expect(() => loadConfig(missing, Config)).toThrow(
      /absent\.yaml:1:1: cannot be read \(ENOENT\): name the file/,
    );
  });

  describe('secrets', () => {
    const secretOf = (reference: string): Secret => {
      const text = `registries: [{ name: a, kind: acr, webhook: { secret: ${reference} } }]`;
      const [registry] = parseConfig({ file, text }, Config).registries;
      if (registry?.kind !== 'acr' || registry.webhook === undefined) throw new Error('no secret was read');
      return registry.webhook.secret;
    };

    it('are read from a file, without the line break that ends it', () => {
      const file = join(folder, 'secret');
      writeFileSync(file, 'open sesame\n');

      expect(secretOf(`{ file: '${file}' }`).reveal()).toBe('open sesame');
    });

    it('never print', () => {
      const file = join(folder, 'secret');
      writeFileSync(file, 'open sesame');
      const secret = secretOf(`{ file: '${file}' }`);

      const printed = [String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true })];

      expect(printed.join()).not.toContain('sesame');
      expect(printed[0]).toBe('***');
    });

    it('are refused as plain values, without repeating the value', () => {
      const [problem] = problemsOf('registries: [{ name: a, kind: acr, webhook: { secret: hunter2 } }]');

      expect(problem).toContain(
        'registries[0].webhook.secret is not a reference to a secret: write { env: NAME }',
      );
      expect(problem).not.toContain('hunter2');
    });

    it('are asked for where they are missed, in one of several ways to log in', () => {
      const [problem] = problemsOf(
        'registries:\n  - { name: a, kind: acr, credentials: { username: u, password: hunter2 } }\n',
      );

      expect(problem).toMatch(
        /^pratique\.yaml:2:\d+: registries\[0\]\.credentials\.password is not a reference/,
      );
      expect(problem).not.toContain('hunter2');
    });

    it('name the environment variable that is not set', () => {
      expect(
        problemsOf('registries: [{ name: a, kind: acr, webhook: { secret: { env: NOT_SET_9 } } }]'),
      ).toEqual([
        expect.stringContaining('registries[0].webhook.secret the environment variable NOT_SET_9 is not set'),
      ]);
    });

    it('name the file that cannot be read', () => {
      const [problem] = problemsOf(
        'registries: [{ name: a, kind: acr, webhook: { secret: { file: /absent } } }]',
      );

      expect(problem).toContain('the secret file /absent cannot be read (ENOENT)');
    });
  });
});
