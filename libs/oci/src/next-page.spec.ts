import { nextPage } from './next-page.js';

const current = new URL('https://registry.test/v2/a/tags/list?n=2');
const next = (header: string | string[] | undefined): string | undefined =>
  nextPage(header, current, 'list-tags')?.href;

describe('oci/next-page', () => {
  it.each([
    ['</v2/a/tags/list?n=2&last=b>; rel="next"', 'https://registry.test/v2/a/tags/list?n=2&last=b'],
    ['<?last=b>; rel=next', 'https://registry.test/v2/a/tags/list?last=b'],
    ['</x>; rel="first", </y>; rel="next"', 'https://registry.test/y'],
    [['</x>; rel="prev"', '</y>; rel="next"'], 'https://registry.test/y'],
    ['<https://registry.test/z>; rel="next"', 'https://registry.test/z'],
    ['</x>; rel="prev"', undefined],
    ['nonsense', undefined],
    [undefined, undefined],
  ])('reads %p', (header, expected) => {
    expect(next(header)).toBe(expected);
  });

  it.each(['https://evil.test/x', 'http://registry.test/x', '//evil.test/x', 'https://registry.test:444/x'])(
    'refuses to leave the registry for %s',
    (target) => {
      expect(() => next(`<${target}>; rel="next"`)).toThrow(
        expect.objectContaining({ code: 'untrusted-address' }) as Error,
      );
    },
  );
});
