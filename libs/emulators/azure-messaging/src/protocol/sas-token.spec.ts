import { createHmac } from 'node:crypto';

import { verifySasToken } from './sas-token.js';

const key = { name: 'Root', key: 'secret' };
const NOW = 1_700_000_000_000;

function token({
  resource = 'sb://localhost:5672/orders',
  expiry = NOW / 1000 + 60,
  secret = 'secret',
  name = 'Root',
} = {}) {
  const encoded = encodeURIComponent(resource);
  const signature = createHmac('sha256', secret).update(`${encoded}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${encoded}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`;
}

describe('protocol/sas-token', () => {
  it('reads resource and expiry of a genuine token', () => {
    expect(verifySasToken(token(), key, NOW)).toEqual({
      resource: 'sb://localhost:5672/orders',
      expiresAt: NOW + 60_000,
    });
  });

  it.each([
    ['a wrong key', token({ secret: 'other' }), /signature does not match/],
    ['a wrong name of the key', token({ name: 'Other' }), /signature does not match/],
    ['another resource than was signed', token().replace('orders', 'others'), /signature does not match/],
    [
      'a later expiry than was signed',
      token().replace(/se=\d+/, 'se=99999999999'),
      /signature does not match/,
    ],
    ['an expired token', token({ expiry: NOW / 1000 }), /has expired/],
    ['no signature', token().replace(/&sig=[^&]*/, ''), /no complete/],
    ['an expiry that is no number', token().replace(/se=\d+/, 'se=1e99'), /no complete/],
    ['an escape that is none', token().replace(/sig=[^&]*/, 'sig=%zz'), /signature does not match/],
    ['another kind of token', 'Bearer eyJ', /no complete/],
    ['something endless', `SharedAccessSignature sr=${'x'.repeat(10_000)}&sig=a&se=1`, /no complete/],
  ])('refuses %s', (_, text, reason) => {
    expect(verifySasToken(text, key, NOW)).toMatch(reason);
  });
});
