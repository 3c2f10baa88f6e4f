import { type Digest, digestOf, RepositoryName, Tag } from '@pratique/contracts';
import { type BuiltImage, fallbackTag } from '@pratique/oci';
import { artifactOf, imageOf, pushImage, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { Attachments } from '../attachments/attachments.js';
import { judgeLicence } from '../sbom/licence-policy.js';
import { isDeeperThan, readSbom } from '../sbom/read-sbom.js';
import { aKeyPair, keyBundle, pemOf, signedEnvelope } from '../../test/test-authority.js';
import { type AskingCheck, type CheckReport, isInspecting } from './check.js';
import { CheckSettings, replayCheck } from './checks.js';

const repository = RepositoryName.parse('team/app');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const envelopeType = 'application/vnd.dsse.envelope.v1+json';
const cyclonedxType = 'application/vnd.cyclonedx+json';
const [ours, theirs] = [aKeyPair(), aKeyPair()];
const signed = { signers: { keys: [pemOf(ours)] } };

const cyclonedx = {
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
  components: [
    { type: 'library', name: 'zlib', version: '1.3', licenses: [{ license: { id: 'Zlib' } }] },
    {
      ...{ type: 'library', name: 'app', licenses: [{ expression: 'MIT OR GPL-2.0-only' }] },
      components: [{ type: 'library', name: 'inner', version: '2' }],
    },
  ],
};
const spdx = {
  spdxVersion: 'SPDX-2.3',
  packages: [
    { name: 'zlib', versionInfo: '1.3', licenseConcluded: 'NOASSERTION', licenseDeclared: 'Zlib' },
    { name: 'bash', licenseConcluded: 'GPL-3.0-or-later' },
  ],
};

describe('the check sbom', () => {
  let registry: TestRegistry;
  let image: BuiltImage;

  beforeEach(async () => {
    registry = await startTestRegistry();
    image = await imageOf();
    await pushImage(registry.client, image, { repository });
  });

  afterEach(() => registry.close());

  async function attach(content: unknown, type: string, { tag }: { tag?: string } = {}): Promise<void> {
    const bytes = typeof content === 'string' ? content : JSON.stringify(content);
    const options = { artifactType: type, fileMediaType: type };
    const built = artifactOf(
      { it: bytes },
      { ...options, ...(tag === undefined && { subject: image.root }) },
    );
    const tags = tag === undefined ? [] : [Tag.parse(`${fallbackTag(image.root.digest)}.${tag}`)];
    await pushImage(registry.client, built, { repository, tags });
  }

  async function check(settings: object = {}): Promise<CheckReport> {
    const { client } = registry;
    const { digest } = image.root;
    const signal = new AbortController().signal;
    return await checkOf(settings).ask({
      ...{ client, repository, digest, signal, now: new Date(), scanners: new Map() },
      attachments: [new Attachments({ client, repository, digest, signal })],
    });
  }

  it.each<[string, () => Promise<void>]>([
    ['as a referrer in CycloneDX', () => attach(cyclonedx, cyclonedxType)],
    ['as a referrer in SPDX', () => attach(spdx, 'application/spdx+json')],
    ['under the tag .sbom', () => attach(spdx, 'text/spdx+json', { tag: 'sbom' })],
    ['in a bundle of anybody', () => attach(keyBundle(statement(image.root.digest), theirs), bundleType)],
    [
      'in an envelope under the tag .att',
      () => attach(signedEnvelope(statement(image.root.digest), theirs), envelopeType, { tag: 'att' }),
    ],
  ])('passes an image that comes with one %s', async (_what, bring) => {
    await bring();

    expect(await check()).toMatchObject({ result: 'passed', findings: [] });
  });

  it.each<[string, () => Promise<void>, object, string]>([
    ['none', () => Promise.resolve(), {}, 'sbom-missing'],
    [
      'one in another format',
      () => attach(spdx, 'application/spdx+json'),
      { formats: ['cyclonedx'] },
      'sbom-missing',
    ],
    ['one that is no JSON', () => attach('<bom/>', cyclonedxType), {}, 'sbom-unreadable'],
    ['one that is something else', () => attach({ hello: 1 }, cyclonedxType), {}, 'sbom-unreadable'],
    [
      'one that is empty',
      () => attach({ ...cyclonedx, components: [] }, cyclonedxType),
      {},
      'sbom-unreadable',
    ],
    [
      'one that is too large',
      () => attach({ ...cyclonedx, pad: 'x'.repeat(2000) }, cyclonedxType),
      { maxBytes: 1024 },
      'sbom-missing',
    ],
    ['one that nobody has signed', () => attach(cyclonedx, cyclonedxType), signed, 'sbom-missing'],
    [
      'one that somebody else has signed',
      () => attach(keyBundle(statement(image.root.digest), theirs), bundleType),
      signed,
      'sbom-missing',
    ],
    [
      'one of another image',
      () => attach(keyBundle(statement(digestOf('x')), ours), bundleType),
      signed,
      'sbom-missing',
    ],
  ])('does not pass an image that comes with %s', async (_what, bring, settings, id) => {
    await bring();
    const report = await check(settings);

    expect(report).toMatchObject({ result: 'failed', findings: [{ id }] });
  });

  it.each([
    ['in a bundle', () => attach(keyBundle(statement(image.root.digest), ours), bundleType)],
    [
      'in an envelope',
      () => attach(signedEnvelope(statement(image.root.digest), ours), envelopeType, { tag: 'att' }),
    ],
  ])('passes one that is signed %s by somebody trusted', async (_what, bring) => {
    await bring();

    expect((await check(signed)).result).toBe('passed');
  });

  it('says which component is under which licence, and which is under none', async () => {
    await attach(cyclonedx, cyclonedxType);
    const { findings } = await check({ licences: { allow: ['MIT'] } });

    expect(findings.map(({ id, package: name }) => [id, name]).toSorted()).toEqual([
      ['licence-not-allowed', 'zlib'],
      ['licence-unknown', 'inner'],
    ]);
    expect(findings.find(({ package: name }) => name === 'zlib')?.message).toBe(
      'zlib 1.3 is under Zlib, which is not allowed.',
    );
    expect((await check({ licences: { deny: ['GPL-*'], unknown: 'allow' } })).result).toBe('passed');
  });

  it('judges licences again from what was stored, and not who had signed', async () => {
    await attach(spdx, 'application/spdx+json');
    const { evidence } = await check();
    const stored: unknown = JSON.parse(JSON.stringify(evidence));

    expect(replayCheck(checkOf({ licences: { deny: ['GPL-3.0*'] } }), stored)?.result).toBe('failed');
    expect(replayCheck(checkOf({ licences: { deny: ['AGPL-*'] } }), stored)?.result).toBe('passed');
    expect(replayCheck(checkOf(signed), stored)).toBeUndefined();
  });

  it.each([
    [
      Buffer.from(
        `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[],"components":[{"name":"a"}]}`,
      ),
      /twice/,
    ],
    [Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), /deeper/],
    [Buffer.from('{"bomFormat":"CycloneDX","specVersion":"2.0","components":[{"name":"a"}]}'), /neither/],
  ])('does not read one that readers disagree on or choke on: %#', (bytes, problem) => {
    const reading = readSbom(bytes);

    expect('problem' in reading ? reading.problem : '').toMatch(problem);
  });

  it('counts no bracket within a string', () => {
    expect(isDeeperThan(1, '{"a[[[":"\\"[[["}')).toBe(false);
    expect(isDeeperThan(1, '{"a":[]}')).toBe(true);
  });

  it.each([
    ['MIT', 'borne'],
    ['mit', 'borne'],
    ['GPL-2.0-only', 'refused'],
    ['Apache-2.0', 'refused'],
    ['MIT OR GPL-2.0-only', 'borne'],
    ['MIT AND GPL-2.0-only', 'refused'],
    ['(MIT OR Apache-2.0) AND BSD-3-Clause', 'borne'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'refused'],
    ['LicenseRef-mine', 'refused'],
    ['The Contoso License', 'borne'],
    ['see the file', 'unknown'],
  ])('takes %s for %s', (expression, answer) => {
    const rules = { allow: ['MIT', 'BSD-*', 'GPL-*', 'The Contoso License'], deny: ['GPL-2.0*'] };

    expect(judgeLicence(expression, rules)).toBe(answer);
  });

  it.each([{ licences: {} }, { formats: [] }, { formats: ['x'] }, { signers: {} }])(
    'refuses the settings %j',
    (settings) => {
      expect(CheckSettings.safeParse({ sbom: settings }).success).toBe(false);
    },
  );
});

function checkOf(settings: object): AskingCheck {
  const check = CheckSettings.parse({ sbom: settings });
  if (isInspecting(check)) throw new Error('it asks nobody');
  return check;
}

function statement(digest: Digest): object {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v0.1', predicateType: 'https://cyclonedx.org/bom' },
    subject: [{ name: 'app', digest: { sha256: digest.slice('sha256:'.length) } }],
    predicate: cyclonedx,
  };
}
