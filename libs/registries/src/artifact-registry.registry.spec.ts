import { SignJWT, UnsecuredJWT } from 'jose';
import { hearDelivery, senderOf } from './hear-recordings.contract.js';
import { audience, serviceAccount, withToken } from './oidc-sender.contract.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';
import { TrustSourceError } from './verification/trust-source-error.js';
import { trustSources } from './verification/trust-sources.js';

describe('registries/artifact-registry.registry', () => {
  const [delivery] = recordedDeliveries('artifact-registry', 'insert');
  const sender = senderOf('artifact-registry');
  const hearWith = async (claims: Record<string, unknown>) =>
    hearDelivery('artifact-registry', await withToken(delivery!, sender.recordedUnder, claims));
  const now = Math.floor(delivery!.receivedAt.getTime() / 1000);

  it.each([
    ['for another audience', { aud: 'https://elsewhere.example' }],
    ['of another issuer', { iss: 'https://accounts.evil.example' }],
    ['of another account', { email: 'somebody@gmail.com' }],
    ['of an account without an address', { email: undefined }],
    ['of an account whose address was not verified', { email_verified: false }],
    ['of an account whose address was verified in words', { email_verified: 'true' }],
    ['that has ended', { exp: now - 61 }],
    ['that does not hold yet', { nbf: now + 61 }],
    ['without an end', { exp: undefined }],
  ])('refuses a token %s', async (_, claims) => {
    expect(await hearWith(claims)).toMatchObject({ reason: 'not-authenticated' });
  });

  it('takes a token that names the issuer in the other way', async () => {
    expect(await hearWith({ iss: 'accounts.google.com' })).toHaveLength(1);
  });

  it('refuses a token without a signature, and one signed with a secret', async () => {
    const claims = {
      iss: 'https://accounts.google.com',
      aud: audience,
      email: serviceAccount,
      email_verified: true,
    };
    const unsigned = new UnsecuredJWT({ ...claims, iat: now, exp: now + 60 }).encode();
    const shared = await new SignJWT({ ...claims, iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.alloc(32));

    for (const token of [unsigned, shared, 'nonsense']) {
      const headers = { ...delivery!.headers, authorization: `Bearer ${token}` };
      expect(await hearDelivery('artifact-registry', { ...delivery!, headers })).toMatchObject({
        reason: 'not-authenticated',
      });
    }
  });

  it.each([
    ['unreachable', () => Promise.reject(new TrustSourceError('unreachable', 'away'))],
    ['unusable', () => Promise.resolve({ status: 404, text: '' })],
    ['unusable', () => Promise.resolve({ status: 200, text: 'hello' })],
  ] as const)('neither admits nor refuses while the keys are %s', async (code, fetch) => {
    const token = await withToken(delivery!, sender.recordedUnder);

    await expect(
      hearDelivery('artifact-registry', token, { sender: { ...sender, sources: () => trustSources(fetch) } }),
    ).rejects.toMatchObject({ name: 'TrustSourceError', code });
  });

  it('keeps the id and time of the message', async () => {
    expect(await hearWith({})).toMatchObject([
      { identity: ['981636256311680'], data: { occurredAt: '2026-03-04T08:15:30.805Z' } },
    ]);
  });
});
