import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { sign } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf, RepositoryName, Tag } from '@pratique/contracts';
import { type BuiltImage, describeBytes, fallbackTag } from '@pratique/oci';
import {
  artifactOf,
  imageOf,
  indexOf,
  pushImage,
  startTestRegistry,
  type TestRegistry,
} from '@pratique/testing';
import { Attachments } from '../attachments/attachments.js';
import { aKeyPair, github, keyBundle, pemOf, TestAuthority, workflow } from '../../test/test-authority.js';
import { isSubject } from '../signatures/trusted-signers.js';
import { type CheckReport, isInspecting } from './check.js';
import { CheckSettings } from './checks.js';

const repository = RepositoryName.parse('team/app');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const [ours, theirs] = [aKeyPair(), aKeyPair()];
const byKey = { signers: { keys: [pemOf(ours)] } };

describe('the check signature', () => {
  let registry: TestRegistry;
  let image: BuiltImage;
  let authority: TestAuthority;
  let folder: string;

  beforeAll(async () => {
    authority = await TestAuthority.start();
    folder = mkdtempSync(join(tmpdir(), 'pratique-trust-'));
    writeFileSync(join(folder, 'root.json'), JSON.stringify(authority.trustRoot()));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  beforeEach(async () => {
    registry = await startTestRegistry();
    image = await imageOf();
    await pushImage(registry.client, image, { repository });
  });

  afterEach(() => registry.close());

  function identity(change: object = {}): object {
    const identities = [{ issuer: github, subject: workflow, ...change }];
    return { signers: { keyless: { trustRoot: { file: join(folder, 'root.json') }, identities } } };
  }

  async function attach(bundle: unknown, subject = image.root): Promise<void> {
    const files = { 'bundle.json': typeof bundle === 'string' ? bundle : JSON.stringify(bundle) };
    const built = artifactOf(files, { artifactType: bundleType, fileMediaType: bundleType, subject });
    await pushImage(registry.client, built, { repository });
  }

  /** In the manner of cosign 1 and 2. */
  async function tag(payload: Buffer, annotations: Record<string, string>): Promise<void> {
    const layer = describeBytes(payload, 'application/vnd.dev.cosign.simplesigning.v1+json');
    const config = describeBytes(Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json');
    const manifest = describeBytes(
      Buffer.from(
        JSON.stringify({
          ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
          config: config.descriptor,
          layers: [{ ...layer.descriptor, annotations }],
        }),
      ),
      'application/vnd.oci.image.manifest.v1+json',
    );
    const built = { root: manifest.descriptor, manifests: [manifest], blobs: [layer, config] };
    await pushImage(registry.client, built, {
      repository,
      tags: [Tag.parse(`${fallbackTag(image.root.digest)}.sig`)],
    });
  }

  async function check(settings: object, ...digests: Digest[]): Promise<CheckReport> {
    const prepared = CheckSettings.parse({ signature: settings });
    if (isInspecting(prepared)) throw new Error('it asks nobody');
    const { client } = registry;
    const signal = new AbortController().signal;
    return await prepared.ask({
      ...{ client, repository, digest: image.root.digest, signal, now: new Date(), scanners: new Map() },
      attachments: [image.root.digest, ...digests].map(
        (digest) => new Attachments({ client, repository, digest, signal }),
      ),
    });
  }

  it('does not pass an image that nobody has signed', async () => {
    expect(await check(byKey)).toMatchObject({ result: 'failed', findings: [{ id: 'not-signed' }] });
  });

  describe('with a key', () => {
    it('passes an image that its holder has signed, in a bundle', async () => {
      await attach(keyBundle(statementOn(image.root.digest), ours));

      expect(await check(byKey)).toMatchObject({
        result: 'passed',
        findings: [],
        evidence: {
          signers: [{ kind: 'key', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
        },
      });
    });

    it('passes one that its holder has signed in the manner of cosign 2', async () => {
      const payload = payloadFor(image.root.digest);
      await tag(payload, { 'dev.cosignproject.cosign/signature': signedBy(payload, ours) });

      expect((await check(byKey)).result).toBe('passed');
    });

    it('finds the good signature among bad ones', async () => {
      await attach('{');
      await attach(keyBundle(statementOn(image.root.digest), theirs));
      await attach(keyBundle(statementOn(image.root.digest), ours));

      expect((await check(byKey)).result).toBe('passed');
    });

    it.each<[string, (digest: Digest) => object]>([
      ['somebody else', (digest) => keyBundle(statementOn(digest), theirs)],
      ['its holder, another image', () => keyBundle(statementOn(digestOf('another')), ours)],
      [
        'its holder, and then changed',
        (digest) => tampered(keyBundle(statementOn(digestOf('x')), ours), digest),
      ],
      [
        'its holder, but not as a signature',
        (digest) => keyBundle(statementOn(digest, 'https://spdx.dev/Document'), ours),
      ],
      [
        'its holder, but not as a statement',
        (digest) => keyBundle({ ...statementOn(digest), _type: 'x' }, ours),
      ],
      [
        'its holder, by the digest of another algorithm',
        (digest) => keyBundle(statementOn(digest, undefined, 'sha512'), ours),
      ],
    ])('does not pass one that was signed by %s', async (_what, bundle) => {
      await attach(bundle(image.root.digest));

      expect(await check(byKey)).toMatchObject({
        result: 'failed',
        findings: [{ id: 'signer-not-trusted' }],
      });
    });

    it.each<[string, (digest: Digest) => { payload: Buffer; signature: string }]>([
      ['of another image', () => withSignature(payloadFor(digestOf('another')), ours)],
      ['by somebody else', (digest) => withSignature(payloadFor(digest), theirs)],
      [
        'of something else',
        (digest) => ({ payload: payloadFor(digest), signature: signedBy(payloadFor(digestOf('x')), ours) }),
      ],
      [
        'of two images',
        (digest) => withSignature(payloadFor(digest, { 'Docker-manifest-digest': digestOf('x') }), ours),
      ],
      ['that is empty', (digest) => ({ payload: payloadFor(digest), signature: '' })],
    ])('does not pass one with a payload %s', async (_what, make) => {
      const { payload, signature } = make(image.root.digest);
      await tag(payload, { 'dev.cosignproject.cosign/signature': signature });

      expect((await check(byKey)).result).toBe('failed');
    });

    it('passes one that is signed as part of an index, and not by a signature on another index', async () => {
      const [index, other] = [indexOf([image]), indexOf([await imageOf({ layers: [{ a: 'b' }] })])];
      await pushImage(registry.client, index, { repository });
      await pushImage(registry.client, other, { repository });
      await attach(keyBundle(statementOn(other.root.digest), ours), other.root);
      expect((await check(byKey, index.root.digest)).result).toBe('failed');

      await attach(keyBundle(statementOn(index.root.digest), ours), index.root);
      expect((await check(byKey, index.root.digest)).result).toBe('passed');
    });

    it('wants as many different signers as were asked for', async () => {
      const both = { signers: { keys: [pemOf(ours), pemOf(theirs)] }, atLeast: 2 };
      await attach(keyBundle(statementOn(image.root.digest), ours));
      await attach({ ...keyBundle(statementOn(image.root.digest), ours), again: true });
      expect(await check(both)).toMatchObject({ result: 'failed', findings: [{ id: 'too-few-signers' }] });

      await attach(keyBundle(statementOn(image.root.digest), theirs));
      expect((await check(both)).result).toBe('passed');
    });

    it('fails as the registry does, and does not take that for a missing signature', async () => {
      registry.intercept(({ path }) =>
        Promise.resolve(path.includes('/referrers/') ? { status: 503 } : 'proceed'),
      );

      await expect(check(byKey)).rejects.toMatchObject({ code: 'registry-unavailable' });
    });
  });

  describe('without a key', () => {
    it('passes an image that a trusted identity has signed, in a bundle', async () => {
      await attach(await authority.bundle(statementOn(image.root.digest)));

      expect(await check(identity())).toMatchObject({
        result: 'passed',
        evidence: { signers: [{ kind: 'certificate', issuer: github, subject: workflow }] },
      });
    });

    it('passes one that it has signed in the manner of cosign 2', async () => {
      const payload = payloadFor(image.root.digest);
      await tag(payload, await authority.annotations(payload));

      expect((await check(identity())).result).toBe('passed');
    });

    it.each([
      ['whose subject is longer', { subject: `${workflow}-and-more` }, {}],
      ['whose subject has ours as its end', { subject: `https://evil.example/?x=${workflow}` }, {}],
      ['whose subject fits only as a pattern', { subject: workflow.replace('.yml', 'xyml') }, {}],
      ['of another issuer', { issuer: 'https://accounts.google.com' }, {}],
      [
        'outside the glob',
        { subject: workflow.replace('main', 'heads/evil') },
        { subject: undefined, subjectGlob: `${workflow.slice(0, -4)}*` },
      ],
    ])('does not pass one that was signed by an identity %s', async (_what, signer, trusted) => {
      await attach(await authority.bundle(statementOn(image.root.digest), signer));

      expect((await check(identity(trusted))).result).toBe('failed');
    });

    it('does not pass one whose certificate is of another authority', async () => {
      const another = await TestAuthority.start();
      await attach(await another.bundle(statementOn(image.root.digest)));

      expect((await check(identity())).result).toBe('failed');
    });

    it('does not pass one without a witness of the time', async () => {
      const bundle = (await authority.bundle(statementOn(image.root.digest))) as {
        verificationMaterial: { tlogEntries: object[] };
      };
      bundle.verificationMaterial.tlogEntries = [];
      await attach(bundle);

      expect((await check(identity())).result).toBe('failed');
    });

    it('does not take a key for an identity, nor an identity for a key', async () => {
      await attach(keyBundle(statementOn(image.root.digest), ours));
      expect((await check(identity())).result).toBe('failed');

      await attach(await authority.bundle(statementOn(image.root.digest)));
      expect((await check({ signers: { keys: [pemOf(theirs)] } })).result).toBe('failed');
    });
  });

  it.each([
    ['https://a/b@refs/tags/v*', 'https://a/b@refs/tags/v1.2', true],
    ['https://a/b@refs/tags/v*', 'https://a/b@refs/tags/v1/x', false],
    ['https://a/b@refs/tags/v*', 'xhttps://a/b@refs/tags/v1', false],
    ['https://a.c/*', 'https://abc/x', false],
  ])('with the glob %s, takes %s: %s', (subjectGlob, subject, fits) => {
    expect(isSubject({ subjectGlob }, subject)).toBe(fits);
  });

  it.each([
    {},
    { signers: {} },
    { signers: { keys: ['x'] } },
    { signers: { keys: ['-----BEGIN PUBLIC KEY-----\nx'] } },
    { signers: { keys: [{ file: '/nowhere' }] } },
    {
      signers: {
        keyless: { trustRoot: { file: '/nowhere' }, identities: [{ issuer: github, subject: 'x' }] },
      },
    },
    { signers: { keys: [pemOf(ours)] }, atLeast: 0 },
  ])('refuses the settings %j', (settings) => {
    expect(CheckSettings.safeParse({ signature: settings }).success).toBe(false);
  });

  it.each([[{ subject: undefined }], [{ subjectGlob: 'x' }], [{ issuer: 'github' }]])(
    'refuses an identity with %j',
    (change) => {
      expect(CheckSettings.safeParse({ signature: identity(change) }).success).toBe(false);
    },
  );
});

function statementOn(
  digest: Digest,
  predicateType = 'https://sigstore.dev/cosign/sign/v1',
  algorithm = 'sha256',
): object {
  return {
    ...{ _type: 'https://in-toto.io/Statement/v1', predicateType, predicate: {} },
    subject: [{ name: 'app', digest: { [algorithm]: digest.slice('sha256:'.length) } }],
  };
}

function tampered(bundle: object, digest: Digest): object {
  const { dsseEnvelope } = bundle as { dsseEnvelope: object };
  const payload = Buffer.from(JSON.stringify(statementOn(digest))).toString('base64');
  return { ...bundle, dsseEnvelope: { ...dsseEnvelope, payload } };
}

function payloadFor(digest: Digest, more: object = {}): Buffer {
  const critical = {
    identity: { 'docker-reference': 'registry.example/somebody/else' },
    image: { 'docker-manifest-digest': digest, ...more },
    type: 'cosign container image signature',
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

function signedBy(payload: Buffer, { privateKey }: typeof ours): string {
  return sign('sha256', payload, privateKey).toString('base64');
}

function withSignature(payload: Buffer, pair: typeof ours): { payload: Buffer; signature: string } {
  return { payload, signature: signedBy(payload, pair) };
}
