import fc from 'fast-check';
import { Digest } from './digest.js';
import { RegistryHost, RepositoryName, Tag } from './image-name.js';
import { formatImageReference, ImageReferenceError, parseImageReference } from './image-reference.js';

const hex64 = 'a'.repeat(64);

const host = fc
  .tuple(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 })))
  .map(([name, port]) => RegistryHost.parse(port === null ? name : `${name}:${port}`));
const segment = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
const repository = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => RepositoryName.parse(segments.join('/')));
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,40}$/).map((text) => Tag.parse(text));
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => Digest.parse(`sha256:${hex}`));
const reference = fc
  .record({
    host,
    repository,
    tag: fc.option(tag, { nil: undefined }),
    digest: fc.option(digest, { nil: undefined }),
  })
  .filter((image) => image.tag !== undefined || image.digest !== undefined)
  .map(({ tag: t, digest: d, ...rest }) => ({ ...rest, ...(t && { tag: t }), ...(d && { digest: d }) }));

describe('contracts/image-reference', () => {
  it('reads back whatever it has written', () => {
    fc.assert(
      fc.property(reference, (image) => {
        expect(parseImageReference(formatImageReference(image))).toEqual(image);
      }),
    );
  });

  it('either reads a text or refuses it with its own error, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(formatImageReference(parseImageReference(text))).toBe(text);
        } catch (error) {
          if (!(error instanceof ImageReferenceError)) throw error;
        }
      }),
    );
  });

  it.each([
    ['contoso.azurecr.io/team/app:1.0', { host: 'contoso.azurecr.io', repository: 'team/app', tag: '1.0' }],
    ['127.0.0.1:5000/app:v1', { host: '127.0.0.1:5000', repository: 'app', tag: 'v1' }],
    [`[::1]:5000/app@sha256:${hex64}`, { host: '[::1]:5000', repository: 'app', digest: `sha256:${hex64}` }],
    [`h/a:b@sha256:${hex64}`, { host: 'h', repository: 'a', tag: 'b', digest: `sha256:${hex64}` }],
  ])('reads %s', (text, expected) => {
    expect(parseImageReference(text)).toEqual(expected);
  });

  it.each([
    ['alpine:3', 'names no registry'],
    ['/app:1', 'names no registry'],
    ['host/app', 'neither a tag nor a digest'],
    ['host/App:1', 'is not a repository name'],
    ['host/a//b:1', 'is not a repository name'],
    ['host/../app:1', 'is not a repository name'],
    ['host/app:', 'is not a tag'],
    [`host/app:${'x'.repeat(129)}`, 'is not a tag'],
    ['host/app@sha256:abc', 'is not a sha256 or sha512 digest'],
    [`host/app@sha256:${'A'.repeat(64)}`, 'is not a sha256 or sha512 digest'],
    [`host/app@md5:${'a'.repeat(32)}`, 'is not a sha256 or sha512 digest'],
    ['user@host/app:1', 'is not a host'],
    ['http://host/app:1', 'is not a host'],
    [`host/${'a/'.repeat(128)}a:1`, 'is longer than 255 characters'],
  ])('refuses %s and says why', (text, why) => {
    expect(() => parseImageReference(text)).toThrow(why);
    expect(() => parseImageReference(text)).toThrow(ImageReferenceError);
  });
});
