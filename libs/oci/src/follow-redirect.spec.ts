import { redirectTarget } from './follow-redirect.js';

const target = (from: string, location: string | undefined): string =>
  redirectTarget(new URL(from), location, 'get-blob').href;

const failure = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('oci/follow-redirect', () => {
  it.each([
    ['https://a.test/v2/x', 'https://storage.test/y?sig=1', 'https://storage.test/y?sig=1'],
    ['https://a.test/v2/x', '/y', 'https://a.test/y'],
    ['http://127.0.0.1:5000/x', 'http://127.0.0.1:6000/y', 'http://127.0.0.1:6000/y'],
    ['http://127.0.0.1:5000/x', 'https://storage.test/y', 'https://storage.test/y'],
  ])('from %s follows %s', (from, location, expected) => {
    expect(target(from, location)).toBe(expected);
  });

  it.each(['http://storage.test/y', 'file:///etc/passwd', 'ftp://a.test/x'])(
    'does not go from https to %s',
    (location) => {
      expect(() => target('https://a.test/x', location)).toThrow(failure('untrusted-address'));
    },
  );

  it('refuses a redirect to nowhere', () => {
    expect(() => target('https://a.test/x', undefined)).toThrow(failure('protocol-violation'));
    expect(() => target('https://a.test/x', 'https://')).toThrow(failure('protocol-violation'));
  });
});
