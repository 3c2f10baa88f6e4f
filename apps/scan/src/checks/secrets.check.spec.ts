import fc from 'fast-check';
import { describeCheck, inspect } from './check.contract.js';
import { SecretFinder, secretPattern } from './secret-finder.js';
import { longestSecret, type SecretKind, secretKindNames, secretKinds } from './secret-kinds.js';

/** Letters and digits as they stand in a key. Made here, so that no scanner of anybody's takes this file for a leak. */
function random(
  length: number,
  alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
): string {
  return Array.from({ length }, (_, index) => alphabet[(index * 7 + length) % alphabet.length]).join('');
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hex = '0123456789abcdef';
// In two parts, for the same reason.
const marker = 'PRIVATE';
const pem = `-----BEGIN RSA ${marker} KEY-----\n`;

const samples: Record<SecretKind, string[]> = {
  'age-secret-key': [`AGE-SECRET-KEY-1${random(58, upper)}`],
  'aws-access-key': [`AKIA${random(16, upper)}`, `ASIA${random(16, upper)}`],
  'aws-secret-key': [`aws_secret_access_key = ${random(40)}`, `"SecretAccessKey": "${random(40)}"`],
  'azure-client-secret': [`abC8Q~${random(34)}`],
  'azure-registry-password': [`${random(42)}+ACRD${random(5)}`],
  'azure-sas': [`https://a.blob.core.windows.net/c?sp=r&sv=2024-11-04&sr=b&sig=${random(43)}%3D`],
  'azure-shared-access-key': [`Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=${random(43)}=`],
  'azure-storage-key': [`AccountName=a;AccountKey=${random(86)}==`],
  'digitalocean-token': [`dop_v1_${random(64, hex)}`],
  'docker-hub-token': [`dckr_pat_${random(27)}`],
  'docker-login': [`{"auths": {"a.azurecr.io": {"auth": "${random(24)}=="}}}`],
  'gcp-api-key': [`AIza${random(35)}`],
  'gcp-service-account': [`"private_key": "-----BEGIN ${marker} KEY-----\\n${random(64)}\\n`],
  'github-token': [`ghp_${random(36)}`, `github_pat_${random(22)}_${random(59)}`],
  'gitlab-token': [`glpat-${random(20)}`],
  jwt: [`eyJ${random(20)}.eyJ${random(40)}.${random(43)}`],
  'npm-token': [`npm_${random(36)}`, `//r.example/:_authToken=${random(36)}`],
  'private-key': [`${pem}${random(64)}\n`, `${pem.replace('RSA', 'EC').trim()}\\n${random(64)}`],
  'pypi-token': [`pypi-AgE${random(80)}`],
  'sendgrid-key': [`SG.${random(22)}.${random(43)}`],
  'slack-token': [`xoxb-${random(12, hex)}-${random(24)}`],
  'slack-webhook': [
    `https://hooks.slack.com/services/T${random(8, upper)}/B${random(8, upper)}/${random(24)}`,
  ],
  'stripe-key': [`sk_live_${random(24)}`],
  'vault-token': [`hvs.${random(95)}`],
};

describe('scan/checks/secrets.check', () => {
  describeCheck('secrets', {
    settings: { secrets: {} },
    passes: { files: { 'app/config.json': '{"password": "from the environment"}' } },
    fails: { files: { 'app/.env': `A=1\nTOKEN=ghp_${random(36)}\n` } },
    refusedSettings: [
      { secrets: { kinds: [] } },
      { secrets: { kinds: ['passwords'] } },
      { secrets: { allow: [{ paths: ['a'] }] } },
      { secrets: { allow: [{ paths: [], reason: 'why' }] } },
      { secrets: [] },
    ],
  });

  it.each(secretKindNames.flatMap((kind) => samples[kind].map((sample) => [kind, sample] as const)))(
    'finds %s, says where, and does not say what',
    (kind, sample) => {
      const settings = { secrets: { kinds: [kind] } };
      const report = inspect(settings, { files: { 'etc/x': `first\nsecond ${sample} third\n` } });

      expect(report).toMatchObject({ result: 'failed', findings: [{ id: kind, path: 'etc/x', line: 2 }] });
      expect(JSON.stringify(report)).not.toContain(sample.slice(-20));
    },
  );

  it.each([
    ['a name that has the same letters', `MAKIA${random(16, upper)}`],
    ['a longer word', `AKIA${random(30, upper)}`],
    ['a place for a key', 'AKIAXXXXXXXXXXXXXXXX'],
    ['the key of the manual', 'AKIAIOSFODNN7EXAMPLE'],
    ['the marker that every TLS library carries', `${pem.trim()}\0-----END RSA PRIVATE KEY-----\0`],
    ['a public key', `-----BEGIN PUBLIC KEY-----\n${random(64)}`],
    ['a JSON web token, unless asked for', samples.jwt[0]],
    ['a reference to an environment variable', '//r.example/:_authToken=${NPM_TOKEN}'],
  ])('takes %s for none', (_what, text) => {
    expect(inspect({ secrets: {} }, { files: { x: `${text}\n` } }).result).toBe('passed');
  });

  it.each(['utf16le', 'utf16be'])('finds them in text that is %s', (encoding) => {
    const wide = Buffer.from(`\ufeffkey=${samples['github-token'][0]}\n`, 'utf16le');
    const bytes = encoding === 'utf16le' ? wide : Buffer.from(wide).swap16();

    expect(inspect({ secrets: {} }, { files: { x: bytes } }).findings).toMatchObject([
      { id: 'github-token' },
    ]);
  });

  it('finds them in a binary', () => {
    const bytes = Buffer.concat([
      Buffer.alloc(70_000, 0xff),
      Buffer.from(samples['gitlab-token'][0]!),
      Buffer.alloc(9),
    ]);

    expect(inspect({ secrets: {} }, { files: { 'bin/app': bytes } }).result).toBe('failed');
  });

  it('finds them in the environment that a build has kept, and in a label', () => {
    const [token = ''] = samples['gitlab-token'];
    const inConfig = (config: object) => inspect({ secrets: {} }, { image: { config } });

    expect(inConfig({ Env: ['PATH=/bin', `TOKEN=${token}`] }).findings).toMatchObject([
      { id: 'gitlab-token' },
    ]);
    expect(inConfig({ Labels: { a: token } }).result).toBe('failed');
    expect(inConfig({ Env: ['PATH=/bin'] }).result).toBe('passed');
  });

  it('allows what a policy knows to be no secret, there and nowhere else', () => {
    const allow = [{ paths: ['test/**'], kinds: ['private-key'], reason: 'made for the tests' }];
    const check = (path: string, kind: SecretKind) =>
      inspect({ secrets: { allow } }, { files: { [path]: samples[kind][0]! } }).result;

    expect(check('test/a/key.pem', 'private-key')).toBe('passed');
    expect(check('test/a/key.pem', 'github-token')).toBe('failed');
    expect(check('etc/key.pem', 'private-key')).toBe('failed');
  });

  it('finds the same however the bytes are cut into pieces', () => {
    const everything = Object.values(samples).flat();
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(...everything),
        fc.string({ maxLength: 200 }),
        fc.constant('x'.repeat(30_000)),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1 }), (parts, cuts) => {
        const bytes = Buffer.from(parts.join('\n'));
        expect(find(bytes, cuts)).toEqual(find(bytes, [bytes.length + 1]));
      }),
      { numRuns: 30 },
    );
  });

  it('knows no shape that is longer than what it holds of a stream', () => {
    for (const sample of Object.values(samples).flat()) {
      for (let cut = 0; cut <= sample.length; cut += 7) {
        const text = `${' '.repeat(40_000 - cut)}${sample}${' '.repeat(longestSecret + 20_000)}`;
        expect(find(Buffer.from(text), [40_000])).toHaveLength(1);
      }
    }
  });

  // What repeats without a bound takes time in proportion to the square of a file that somebody has made for it.
  it.each(Object.entries(secretKinds))(
    'repeats nothing without a bound in the shape of %s',
    (_kind, { pattern }) => {
      const plain = pattern.source.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');

      expect(plain).not.toMatch(/[*+]|\{\d+,\}/);
    },
  );
});

function find(bytes: Buffer, cuts: readonly number[]): string[] {
  const found: string[] = [];
  const finder = new SecretFinder(secretPattern(secretKindNames), (kind, line) =>
    found.push(`${kind} ${line}`),
  );
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = cuts[turn % cuts.length] ?? 1;
    finder.write(bytes.subarray(at, at + length));
    at += length;
  }
  finder.end();
  return found;
}
