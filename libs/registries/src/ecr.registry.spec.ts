import { contractSenders } from './contract-senders.contract.js';
import { hearDelivery, inShort } from './hear-recordings.contract.js';
import type { RawWebhook } from './raw-webhook.js';
import { recordedDeliveries } from './recorded-deliveries.contract.js';
import { alteredSns, certificateOf, fetchFromSns, signSns } from './sns-sender.contract.js';
import { TrustSourceError } from './verification/trust-source-error.js';
import { trustSources } from './verification/trust-sources.js';

const [, sns] = contractSenders.ecr;
const key = sns!.recordedUnder;

function recorded(name: string): RawWebhook {
  return signSns(recordedDeliveries('ecr', name)[0]!, key);
}

describe('registries/ecr.registry', () => {
  it('has no interest in another account or region, where its host tells its own', async () => {
    const [delivery] = recordedDeliveries('ecr', 'eventbridge-push');
    const at = (host: string) => hearDelivery('ecr', delivery!, { settings: { host } });

    expect(await at('210987654321.dkr.ecr.eu-west-1.amazonaws.com')).toEqual([]);
    expect(await at('123456789012.dkr.ecr.eu-north-1.amazonaws.com')).toEqual([]);
    expect(await at('123456789012.dkr-ecr.eu-west-1.on.aws')).toHaveLength(1);
    expect(await at('images.example')).toHaveLength(1);
  });

  it('knows an event by its own id, whichever way it came', async () => {
    expect(await hearDelivery('ecr', recorded('sns-push'), { sender: sns! })).toMatchObject([
      { identity: ['13cde686-328b-6117-af20-0e5566167485'] },
    ]);
  });

  it('confirms a subscription at an address of its own making', async () => {
    const SubscribeURL = 'https://evil.example/?Action=ConfirmSubscription';
    const lured = signSns(
      alteredSns(recordedDeliveries('ecr', 'sns-subscription-confirmation')[0]!, { SubscribeURL }),
      key,
    );

    expect(await hearDelivery('ecr', lured, { sender: sns! })).toEqual({
      answer: {},
      visit: expect.stringMatching(
        /^https:\/\/sns\.eu-west-1\.amazonaws\.com\/\?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Aecr-events&Token=2336/,
      ),
    });
  });

  it.each([
    [
      'another host',
      'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem',
    ],
    [
      'a user before another host',
      'https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-01234567.pem',
    ],
    ['another region', 'https://sns.eu-north-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem'],
    ['another path', 'https://sns.eu-west-1.amazonaws.com/x/SimpleNotificationService-0123456789abcdef.pem'],
    ['a query', 'https://sns.eu-west-1.amazonaws.com/?x=SimpleNotificationService-0123456789abcdef.pem'],
    ['plain http', 'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem'],
  ])('fetches no certificate from %s', async (_, SigningCertURL) => {
    const fetch = jest.fn();
    const sender = { ...sns!, sources: () => trustSources(fetch) };

    const heard = await hearDelivery('ecr', alteredSns(recorded('sns-push'), { SigningCertURL }), { sender });

    expect(heard).toMatchObject({ reason: 'not-authenticated' });
    expect(fetch).not.toHaveBeenCalled();
  });

  it('takes SHA-1 only where the settings allow it', async () => {
    const sender = {
      ...sns!,
      webhook: () => ({ topicArn: 'arn:aws:sns:eu-west-1:123456789012:ecr-events' }),
    };

    expect(inShort(await hearDelivery('ecr', recorded('sns-push'), { sender }))).toHaveLength(1);
    expect(await hearDelivery('ecr', recorded('sns-push-version-1'), { sender })).toMatchObject({
      reason: 'not-authenticated',
    });
  });

  it('refuses a message of another topic, an old one, and one of the future', async () => {
    const other = signSns(alteredSns(recorded('sns-push'), { TopicArn: 'arn:aws:sns:eu-west-1:1:x' }), key);
    const late = { ...recorded('sns-push'), receivedAt: new Date('2026-03-04T09:31:00Z') };
    const early = { ...recorded('sns-push'), receivedAt: new Date('2026-03-04T08:00:00Z') };

    for (const delivery of [other, late, early])
      expect(await hearDelivery('ecr', delivery, { sender: sns! })).toMatchObject({
        reason: 'not-authenticated',
      });
  });

  it('refuses a certificate of somebody else, one that has ended, and what is none', async () => {
    const answers = [certificateOf(key, 'sns.evil.example'), 'not a certificate'];
    for (const text of answers) {
      const sender = { ...sns!, sources: () => trustSources(() => Promise.resolve({ status: 200, text })) };
      expect(await hearDelivery('ecr', recorded('sns-push'), { sender })).toMatchObject({
        reason: 'not-authenticated',
      });
    }
    const Timestamp = '2027-02-01T08:15:30.902Z';
    const late = signSns(alteredSns(recorded('sns-push'), { Timestamp }), key);
    expect(
      await hearDelivery('ecr', { ...late, receivedAt: new Date('2027-02-01T08:15:31Z') }, { sender: sns! }),
    ).toMatchObject({ reason: 'not-authenticated' });
  });

  it('neither admits nor refuses while the certificate cannot be had', async () => {
    const away = new TrustSourceError('unreachable', 'away');
    const sender = { ...sns!, sources: () => trustSources(() => Promise.reject(away)) };

    await expect(hearDelivery('ecr', recorded('sns-push'), { sender })).rejects.toBe(away);
  });

  it('fetches a certificate once', async () => {
    const fetch = jest.fn(fetchFromSns(key));
    const sources = trustSources(fetch);

    for (let times = 0; times < 3; times += 1)
      await hearDelivery('ecr', recorded('sns-push'), { sender: { ...sns!, sources: () => sources } });

    expect(fetch).toHaveBeenCalledTimes(1);
  });
});
