import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttestedVerdict,
  attachStatement,
  buildVerdictStatement,
  pemSigner,
  signStatement,
  verdictType,
} from '@pratique/attestation';
import { OutcomeImage, RepositoryName, Tag } from '@pratique/contracts';
import { buildArtifact, pushImage } from '@pratique/oci';
import { startTestRegistry, type TestRegistry } from '@pratique/testing';
import { type Ran, run } from '../../test/run.js';

const repository = RepositoryName.parse('team/app');
const image = buildArtifact({ files: { 'a.txt': 'a' } });
const { digest } = image.root;
const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');

describe('cli/verbs/verify', () => {
  let registry: TestRegistry;
  let folder: string;
  let key: string;

  beforeEach(async () => {
    registry = await startTestRegistry({ emulator: { anonymousPull: true } });
    await pushImage(registry.client, image, { repository, tags: [Tag.parse('1.0')] });
    folder = mkdtempSync(join(tmpdir(), 'pratique-verify-'));
    key = join(folder, 'key.pub');
    writeFileSync(key, ours.publicKey.export({ type: 'spki', format: 'pem' }));
  });

  afterEach(async () => {
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  async function attach(
    verdict: Partial<AttestedVerdict> = {},
    { by = ours.privateKey }: { by?: KeyObject } = {},
  ): Promise<void> {
    const statement = buildVerdictStatement({
      name: 'test/team/app',
      digests: [digest],
      policies: [{ name: 'production', sha256: 'a'.repeat(64) }],
      verdict: {
        ...{ id: 'x', version: '1', status: 'passed', decidedAt: new Date().toISOString(), manifests: 1 },
        image: { ...OutcomeImage.parse({ registry: 'customer', repository }), digest },
        checks: [{ policy: 'production', check: 'secrets', result: 'passed', findings: 0 }],
        databases: [],
        ...verdict,
      },
    });
    const signer = pemSigner(by.export({ type: 'pkcs8', format: 'pem' }).toString());
    const bundle = await signStatement(statement, signer);
    await attachStatement(registry.client, {
      ...{ repository, subject: image.root, bundle, predicateType: verdictType },
    });
  }

  async function verify(...options: string[]): Promise<Ran> {
    const name = `${registry.emulator.host}/team/app:1.0`;
    return await run(['verify', name, '--plain-http', '--key', key, ...options]);
  }

  it('says yes to an image with a good verdict', async () => {
    await attach();

    const { exitCode, out } = await verify('--policy', 'production', '--max-age', '1');

    expect(exitCode).toBe(0);
    expect(out).toMatch(/team\/app:1\.0 \(sha256:[0-9a-f]+\): The verdict is passed\.\n/);
    expect(out).toContain('production/secrets: passed');
  });

  it('gives the whole verdict to programs', async () => {
    await attach();

    expect(JSON.parse((await verify('--json')).out)).toMatchObject({
      verified: true,
      digest,
      verdict: { result: 'PASSED', pratique: { checks: [{ check: 'secrets' }] } },
    });
  });

  it.each<[string, Partial<AttestedVerdict>, string[], RegExp]>([
    ['a refusal', { status: 'failed' }, [], /The newest verdict is failed/],
    [
      'a verdict of other policies',
      {},
      ['--policy', 'strict'],
      /The policy strict was not applied, only production/,
    ],
    ['an old verdict', { decidedAt: '2026-01-01T00:00:00.000Z' }, ['--max-age', '7'], /too old/],
  ])('says no to %s', async (_, verdict, options, message) => {
    await attach(verdict);

    const { exitCode, out } = await verify(...options);

    expect(exitCode).toBe(1);
    expect(out).toMatch(message);
  });

  it('lets the newest verdict count, whichever came first', async () => {
    await attach({ id: 'new', status: 'failed', decidedAt: '2026-11-25T00:00:00.000Z' });
    await attach({ id: 'old', decidedAt: '2026-11-24T00:00:00.000Z' });

    expect((await verify()).exitCode).toBe(1);
  });

  it('says no where nothing is attached, or nothing that counts', async () => {
    expect(await verify()).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('No verdict with a good signature'),
    });

    await attach({}, { by: theirs.privateKey });
    expect(await verify()).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('1 attached did not count: Nobody who is trusted has signed it.'),
    });
  });

  it('says what is wrong with what it was given', async () => {
    writeFileSync(key, ours.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(await verify()).toMatchObject({ exitCode: 2, err: expect.stringContaining('openssl pkey') });

    expect(await verify('--max-age', 'x')).toMatchObject({ exitCode: 2 });
    expect(await verify('another')).toMatchObject({ exitCode: 2 });
  });
});
