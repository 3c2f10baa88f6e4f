import { digestOf } from '@pratique/contracts';
import { harmlessBy } from './apply-vex.js';
import { OpenVex, statementsAbout, type VexStatement } from './open-vex.js';
import { plainPurl, purlCovers, purlVersion } from './purl.js';

const digest = digestOf('image');
const openssl = 'pkg:apk/alpine/openssl@3.0.1?arch=x86_64&distro=3.19.1';
const found = { id: 'CVE-2026-1', purl: openssl };
const image = `pkg:oci/app@${encodeURIComponent(digest)}?repository_url=registry.example/app`;
const inOpenssl = { '@id': image, subcomponents: [{ '@id': 'pkg:apk/alpine/openssl@3.0.1' }] };

describe('scan/vex', () => {
  it.each<[string, object, boolean]>([
    ['the image', { products: [{ '@id': image }] }, true],
    ['the image by its digest alone', { products: [{ '@id': digest }] }, true],
    ['the image by a hash', { products: [{ hashes: { 'sha-256': digest.slice(7) } }] }, true],
    ['the image by an identifier', { products: [{ identifiers: { purl: image } }] }, true],
    ['the image in an older document', { products: [image], vulnerability: 'CVE-2026-1' }, true],
    ['the package in the image', { products: [inOpenssl] }, true],
    [
      'the package in the image, in any version',
      { products: [{ '@id': image, subcomponents: ['pkg:apk/alpine/openssl'] }] },
      true,
    ],
    ['the package', { products: [{ '@id': 'pkg:apk/alpine/openssl@3.0.1' }] }, true],
    [
      'the vulnerability by another name',
      { vulnerability: { name: 'GHSA-1', aliases: ['CVE-2026-1'] } },
      true,
    ],
    ['that it is fixed', { status: 'fixed' }, true],
    ['that it is affected', { status: 'affected' }, false],
    ['that nobody knows', { status: 'under_investigation' }, false],
    ['another image', { products: [{ '@id': image.replace(/.\?/, '0?') }] }, false],
    ['an image by its tag', { products: [{ '@id': 'pkg:oci/app@latest' }] }, false],
    [
      'another package in the image',
      { products: [{ '@id': image, subcomponents: ['pkg:apk/alpine/zlib@1.3'] }] },
      false,
    ],
    ['another version', { products: ['pkg:apk/alpine/openssl@3.0.0'] }, false],
    ['a package with a longer name', { products: ['pkg:apk/alpine/open'] }, false],
    [
      'the package in another image',
      { products: [{ '@id': 'pkg:oci/b@x', subcomponents: [openssl] }] },
      false,
    ],
    ['no product', { products: [] }, false],
    ['another vulnerability', { vulnerability: { name: 'CVE-2026-10' } }, false],
  ])('with a statement about %s, it does no harm: %s', (_what, change, harmless) => {
    expect(harmlessBy(found, statementsIn([change])) !== undefined).toBe(harmless);
  });

  it('tells nothing of a package without a URL, but of the whole image', () => {
    const { id } = found;

    expect(harmlessBy({ id }, statementsIn([{ products: [inOpenssl] }]))).toBeUndefined();
    expect(harmlessBy({ id }, statementsIn([{ products: [image] }]))).toMatchObject({ by: 'alice' });
  });

  it('believes the last, and of two of one moment the worse', () => {
    const [no, yes] = [{ status: 'affected' }, { status: 'not_affected' }];
    const [early, late] = [{ timestamp: '2026-01-01T00:00:00Z' }, { timestamp: '2026-02-01T00:00:00+01:00' }];

    expect(
      harmlessBy(
        found,
        statementsIn([
          { ...no, ...early },
          { ...yes, ...late },
        ]),
      ),
    ).toBeDefined();
    expect(
      harmlessBy(
        found,
        statementsIn([
          { ...yes, ...early },
          { ...no, ...late },
        ]),
      ),
    ).toBeUndefined();
    expect(
      harmlessBy(
        found,
        statementsIn([
          { ...yes, ...late },
          { ...no, ...late },
        ]),
      ),
    ).toBeUndefined();
    expect(harmlessBy(found, [])).toBeUndefined();
  });

  it.each([
    ['pkg:npm/%40contoso/app@1.0', 'pkg:npm/@contoso/app@1.0', '1.0'],
    ['pkg:npm/@contoso/app', 'pkg:npm/@contoso/app', undefined],
    ['pkg:apk/a/b@1?arch=x#sub', 'pkg:apk/a/b@1', '1'],
    ['pkg:apk/a/%zz', 'pkg:apk/a/%zz', undefined],
  ])('takes the URL %s apart', (purl, plain, version) => {
    expect([plainPurl(purl), purlVersion(purl)]).toEqual([plain, version]);
  });

  it('lets a URL without a version stand for all', () => {
    expect(purlCovers('pkg:npm/@contoso/app', 'pkg:npm/%40contoso/app@2')).toBe(true);
    expect(purlCovers('pkg:npm/app@2', 'pkg:npm/app')).toBe(false);
  });
});

function statementsIn(changes: readonly object[]): VexStatement[] {
  const statement = { vulnerability: { name: 'CVE-2026-1' }, products: [inOpenssl], status: 'not_affected' };
  const document = OpenVex.parse({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    timestamp: '2026-01-15T00:00:00Z',
    statements: changes.map((change) => ({ ...statement, ...change })),
  });
  return statementsAbout(document, { digests: [digest], by: 'alice' });
}
