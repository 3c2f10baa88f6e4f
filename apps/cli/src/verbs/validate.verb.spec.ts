import { ConfigFolder } from '../../test/config-folder.js';
import { run } from '../../test/run.js';

const vendor = { name: 'vendor', kind: 'acr', host: 'vendor.azurecr.io', trust: 'external' };
const staging = { name: 'staging', kind: 'distribution', host: 'staging.example', trust: 'staging' };
const customer = {
  name: 'customer',
  kind: 'acr',
  host: 'customer.azurecr.io',
  trust: 'production',
  quarantine: true,
};

const config = {
  trust: ['external', 'staging', 'production'],
  registries: [vendor, staging, customer],
  sync: [
    { name: 'in', from: 'vendor', to: 'customer', repositories: ['bicep/**'], when: 'pushed' },
    {
      name: 'judged',
      from: 'vendor',
      to: 'staging',
      repositories: ['team/*'],
      tags: ['v*'],
      when: 'cleared',
    },
    { name: 'released', from: 'staging', to: 'customer', repositories: ['*'], when: 'approved' },
    { name: 'back', from: 'customer', to: 'staging', repositories: ['base/*'], when: 'pushed' },
  ],
};

describe('cli/verbs/validate', () => {
  let folder: ConfigFolder;

  beforeEach(() => {
    folder = new ConfigFolder();
  });

  afterEach(() => folder.remove());

  const validate = (content: string | object, ...args: string[]) =>
    run(['validate', '--config', folder.write('pratique.yaml', content), ...args]);

  it('says which ways up the order of trust are open, and through which gate', async () => {
    const { exitCode, out, err } = await validate(config);

    expect([exitCode, err]).toEqual([0, '']);
    expect(out.split('\n').slice(2)).toEqual([
      'Ways up the order of trust (external < staging < production):',
      '  vendor (external) → customer (production) by rule in: an image goes up at once, and into quarantine, where it cannot be pulled before its verdict [bicep/**, tags *]',
      '  vendor (external) → staging (staging) by rule judged: an image goes up only once a scan has cleared it [team/*, tags v*]',
      '  staging (staging) → customer (production) by rule released: an image goes up only once it has been approved [*, tags *]',
      '',
    ]);
  });

  it('says so where nothing leads up, and where there is no up', async () => {
    expect((await validate({ ...config, sync: [] })).out).toContain(
      'No rule lets an image up the order of trust (external < staging < production).',
    );
    expect((await validate({})).out).toContain('It has no order of trust');
  });

  it('gives the same as one document', async () => {
    const { out } = await validate(config, '--json');

    expect(JSON.parse(out)).toMatchObject({
      valid: true,
      services: ['ingress', 'scan', 'sync', 'audit'],
      sections: { present: ['trust', 'registries', 'sync'], missing: ['scan', 'messaging', 'audit'] },
      paths: [
        { rule: 'in', gate: 'quarantine', from: { registry: 'vendor', trust: 'external' } },
        { rule: 'judged', gate: 'cleared' },
        { rule: 'released', gate: 'approved' },
      ],
    });
  });

  it('refuses a way up without a gate', async () => {
    const { exitCode, out } = await validate({
      ...config,
      registries: [vendor, staging, { ...customer, quarantine: false }],
    });

    expect(exitCode).toBe(1);
    expect(out).toMatch(
      /pratique\.yaml:\d+:\d+: sync\[0\]\.when lets every image that is pushed to vendor up to customer/,
    );
    expect(out).toMatch(/^1 thing is wrong in /m);
  });

  it('finds what is wrong anywhere in the file, each once', async () => {
    const wrong =
      'registres: []\nhttp: { port: x }\nscan: [{ name: p, registry: none, repositories: [a], checks: [{ nonsense: {} }] }]\n';
    const { exitCode, out } = await validate(wrong, '--json');

    expect(exitCode).toBe(1);
    const { valid, problems } = JSON.parse(out) as {
      valid: boolean;
      problems: { path: string; line: number }[];
    };
    expect(valid).toBe(false);
    expect(problems.map(({ path, line }) => `${line} ${path}`)).toEqual([
      '1 registres',
      '2 http.port',
      '3 scan[0].checks[0].nonsense',
    ]);
  });

  it('says what the file leaves out that only npm start brings', async () => {
    expect((await validate(config)).out).toContain(
      'It leaves out messaging and audit: npm start brings its own, services by themselves need it.',
    );
  });

  it('holds the file to what one service needs by itself', async () => {
    const { exitCode, out } = await validate(config, '--service', 'sync');

    expect(exitCode).toBe(1);
    expect(out).toContain('messaging is missing: add an object');
    expect(out).not.toContain('audit');
  });

  it('names a file that is not there', async () => {
    const { exitCode, out } = await run(['validate', '--config', folder.path('absent.yaml')]);

    expect(exitCode).toBe(1);
    expect(out).toMatch(/absent\.yaml:1:1: cannot be read \(ENOENT\): name the file with --config/);
  });

  it('never prints a secret', async () => {
    const secret = folder.write('secret', 'hunter2');
    const registries = [{ ...vendor, webhook: { secret: { file: secret } } }];
    const { out } = await validate({ trust: ['external', 'staging'], registries }, '--json');

    expect(out).not.toContain('hunter2');
  });
});
