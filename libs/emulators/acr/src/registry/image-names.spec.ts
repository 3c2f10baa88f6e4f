import fc from 'fast-check';

import { isDigest, isRepositoryName, isTag } from './image-names.js';

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const separator = fc.constantFrom('.', '_', '__', '-', '---');
const segment = fc
  .tuple(word, fc.array(fc.tuple(separator, word), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.flat().join(''));

describe('emulators/acr/registry/image-names', () => {
  it.each([
    '',
    'A',
    'a//b',
    '/a',
    'a/',
    'a..b',
    'a___b',
    '.a',
    'a-',
    '..',
    'a/../b',
    'a b',
    '_catalog',
    'a/_blobs',
  ])('does not take %p for a repository', (name) => expect(isRepositoryName(name)).toBe(false));

  it('does not take a repository name of more than 256 characters', () => {
    expect(isRepositoryName('a'.repeat(256))).toBe(true);
    expect(isRepositoryName('a'.repeat(257))).toBe(false);
  });

  it('takes every name that the grammar makes', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) =>
        isRepositoryName(segments.join('/')),
      ),
    );
  });

  it('takes no name that leads out of a folder', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '.', '..', '/', '_', '-'), { maxLength: 12 }), (parts) => {
        const name = parts.join('');
        return !isRepositoryName(name) || name.split('/').every((part) => part.startsWith('a'));
      }),
    );
  });

  it.each(['', '.a', '-a', 'a+b', 'a/b', 'a:b', 'a'.repeat(129)])('does not take %p for a tag', (tag) =>
    expect(isTag(tag)).toBe(false),
  );

  it.each(['1.0', '_x', 'V1', 'sha256-0a.sig', 'a'.repeat(128)])('takes %p for a tag', (tag) =>
    expect(isTag(tag)).toBe(true),
  );

  it.each([
    '',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha512:${'0'.repeat(128)}`,
    `sha256:${'0'.repeat(65)}`,
  ])('does not take %p for a digest', (digest) => expect(isDigest(digest)).toBe(false));
});
