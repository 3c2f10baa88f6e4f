import { Secret } from '@pratique/config';
import { acr } from '../acr.registry.js';
import { RegistryHost, RegistryName } from '@pratique/contracts';
import type { RawWebhook } from '../raw-webhook.js';
import { Refusal } from '../refusal.js';
import { verifyHeaderSecret } from './header-secret.js';

const secret = new Secret('open sesame');

function delivery(headers: RawWebhook['headers']): RawWebhook {
  return { headers, body: Buffer.from('{"action":"ping"}'), receivedAt: new Date(0) };
}

function isAdmitted(headers: RawWebhook['headers'], header?: string): boolean {
  const webhook = { secret, previousSecret: new Secret('old sesame'), header };
  return !(verifyHeaderSecret(delivery(headers), webhook) instanceof Refusal);
}

describe('registries/verification/header-secret', () => {
  it.each([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['no secret after the scheme', { authorization: 'Bearer ' }],
    ['the secret without its scheme', { authorization: 'open sesame' }],
    ['the secret under another scheme', { authorization: 'Basic open sesame' }],
    ['the beginning of the secret', { authorization: 'Bearer open sesam' }],
    ['more than the secret', { authorization: 'Bearer open sesame!' }],
    ['another secret', { authorization: 'Bearer shut sesame' }],
    ['the secret in a header that was not agreed', { 'x-secret': 'open sesame' }],
  ])('refuses %s', (_, headers) => {
    expect(isAdmitted(headers)).toBe(false);
  });

  it.each(['Bearer open sesame', 'bearer open sesame', 'Bearer old sesame'])('admits %s', (authorization) => {
    expect(isAdmitted({ authorization })).toBe(true);
  });

  it('takes the whole value of a header of the operator’s choice, whose name has no case', () => {
    expect(isAdmitted({ 'x-secret': 'open sesame' }, 'X-Secret')).toBe(true);
    expect(isAdmitted({ 'x-secret': 'Bearer open sesame' }, 'X-Secret')).toBe(false);
    expect(isAdmitted({ authorization: 'Bearer open sesame' }, 'X-Secret')).toBe(false);
  });

  it('refuses a header that was sent twice', () => {
    expect(isAdmitted({ 'x-secret': 'open sesame, open sesame' }, 'X-Secret')).toBe(false);
  });

  it('is the only way to something that can be normalised', () => {
    const settings = {
      kind: 'acr' as const,
      name: RegistryName.parse('a'),
      host: RegistryHost.parse('a.azurecr.io'),
    };

    // @ts-expect-error a delivery that was not verified does not compile
    expect(acr.webhook.normalise(delivery({}), settings)).toEqual([]);
  });
});
