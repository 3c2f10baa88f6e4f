import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { digestOf } from '@pratique/contracts';
import fc from 'fast-check';
import { derSignature } from './key-vault-signer.js';
import { openStatement, signStatement } from './sigstore-bundle.js';
import { keyIdOf } from './signing-scheme.js';
import { buildStatement, isAbout } from './statement.js';
import { pemSigner, readPublicKey } from './statement-signer.js';

const image = digestOf('an image');
const statement = buildStatement({
  name: 'contoso.azurecr.io/team/app',
  digests: [image],
  predicateType: 'https://example.org/claim/v1',
  predicate: { good: true },
});

const kinds = {
  'ECDSA P-256': () => pemsOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  'ECDSA P-384': () => pemsOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  Ed25519: () => pemsOf(generateKeyPairSync('ed25519')),
  'RSA 2048': () => pemsOf(generateKeyPairSync('rsa', { modulusLength: 2048 })),
};
const ours = kinds['ECDSA P-256']();
const other = kinds['ECDSA P-256']();

describe('attestation/signing', () => {
  it.each(Object.entries(kinds))('signs with a key of the kind %s, and reads it back', async (_, make) => {
    const { privateKey, publicKey } = make();

    const bundle = await signStatement(statement, pemSigner(privateKey));

    expect(openStatement(bundle, [readPublicKey(publicKey)])).toEqual(statement);
    expect(JSON.parse(bundle.toString())).toMatchObject({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: keyIdOf(readPublicKey(publicKey)) } },
      dsseEnvelope: { payloadType: 'application/vnd.in-toto+json' },
    });
  });

  it('refuses what somebody else has signed', async () => {
    const bundle = await signStatement(statement, pemSigner(other.privateKey));

    expect(() => openStatement(bundle, [readPublicKey(ours.publicKey)])).toThrow(
      'Nobody who is trusted has signed it.',
    );
    expect(() => openStatement(bundle, [])).toThrow('Nobody who is trusted');
  });

  it('takes what was signed with the key before, while both are trusted', async () => {
    const bundle = await signStatement(statement, pemSigner(other.privateKey));

    expect(openStatement(bundle, [readPublicKey(ours.publicKey), readPublicKey(other.publicKey)])).toEqual(
      statement,
    );
  });

  it('refuses a bundle of which any part was changed', async () => {
    const bundle = await signStatement(statement, pemSigner(ours.privateKey));
    const { dsseEnvelope, ...rest } = JSON.parse(bundle.toString()) as {
      dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] };
    };
    const keys = [readPublicKey(ours.publicKey)];
    const forged = JSON.stringify({ ...statement, predicate: { good: false } });
    for (const change of [
      { payload: Buffer.from(forged).toString('base64') },
      { payloadType: 'application/json' },
      { signatures: [] },
      { signatures: [{ sig: Buffer.from('nothing').toString('base64') }] },
    ]) {
      const changed = Buffer.from(JSON.stringify({ ...rest, dsseEnvelope: { ...dsseEnvelope, ...change } }));
      expect(() => openStatement(changed, keys)).toThrow();
    }
  });

  it.each([
    ['no JSON', 'x'],
    ['JSON of something else', '{"mediaType":"a/b"}'],
    ['null', 'null'],
  ])('refuses %s', (_, text) => {
    expect(() => openStatement(Buffer.from(text), [readPublicKey(ours.publicKey)])).toThrow(
      'It is no Sigstore bundle',
    );
  });

  it('says of which images a statement speaks', () => {
    expect(isAbout(statement, image)).toBe(true);
    expect(isAbout(statement, digestOf('another'))).toBe(false);
    expect(isAbout(statement, digestOf('an image', 'sha512'))).toBe(false);
  });

  it.each([
    ['a public key', () => pemSigner(ours.publicKey), /It is no private key in PEM/],
    [
      'an encrypted key',
      () =>
        pemSigner(
          generateKeyPairSync('ed25519')
            .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
            .toString(),
        ),
      /It is encrypted/,
    ],
    [
      'a short RSA key',
      () => pemSigner(pemsOf(generateKeyPairSync('rsa', { modulusLength: 1024 })).privateKey),
      /is not signed with/,
    ],
    ['a private key where a public one belongs', () => readPublicKey(ours.privateKey), /openssl pkey/],
    ['something else where a public key belongs', () => readPublicKey('x'), /no public key in PEM/],
  ])('refuses %s, and says what to give instead', (_, use, message) => {
    expect(use).toThrow(message);
  });

  it('turns the signatures of Key Vault into those that everybody reads', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          const raw = sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
          const der = derSignature(raw);
          return der.length > 0 && verify('sha256', bytes, publicKey, der);
        }),
        { numRuns: 25 },
      );
    }
  });
});

function pemsOf(pair: { privateKey: KeyObject; publicKey: KeyObject }): {
  privateKey: string;
  publicKey: string;
} {
  return {
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
