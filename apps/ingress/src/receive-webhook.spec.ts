import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { RegistryHost, RegistryName } from '@pratique/contracts';
import {
  type RawWebhook,
  registryOfKind,
  TrustSourceError,
  trustSources,
  type Verified,
} from '@pratique/registries';
import { type Delivery, ReceiveWebhook } from './receive-webhook.js';

const recording = join(
  __dirname,
  '../../../libs/registries/src/fixtures/ecr/sns-subscription-confirmation.json',
);
const [confirmation] = JSON.parse(readFileSync(recording, 'utf8')) as [{ envelope: object }];
const amazon = {
  name: RegistryName.parse('amazon'),
  kind: 'ecr' as const,
  host: RegistryHost.parse('123456789012.dkr.ecr.eu-west-1.amazonaws.com'),
  webhook: { topicArn: 'arn:aws:sns:eu-west-1:123456789012:ecr-events' },
};
// What Amazon SNS sends unsigned stands in for what it signs: the signature has tests of its own.
const body = { ...confirmation.envelope, SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem' };
const delivery: Delivery & RawWebhook = {
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
  receivedAt: new Date(),
  address: '127.0.0.1',
};

function receiving(visit: (address: string) => Promise<void>) {
  jest.spyOn(registryOfKind('ecr').webhook, 'verify').mockImplementation((request) => request as Verified);
  return new ReceiveWebhook({
    registries: [amazon],
    handOver: { accept: () => Promise.reject(new Error('nothing is to be handed over')) },
    refusals: { report: () => undefined },
    sources: { ...trustSources(), visit },
  });
}

describe('ingress/receive-webhook', () => {
  beforeEach(() => {
    Logger.overrideLogger(false);
  });

  afterEach(() => jest.restoreAllMocks());

  it('confirms a subscription that must be confirmed elsewhere before it answers', async () => {
    const visited: string[] = [];
    const webhooks = receiving((address) => {
      visited.push(new URL(address).host);
      return Promise.resolve();
    });

    expect(await webhooks.receive('amazon', delivery)).toMatchObject({ status: 200, reason: 'handshake' });
    expect(visited).toEqual(['sns.eu-west-1.amazonaws.com']);
  });

  it('lets the sender come again when that fails', async () => {
    const webhooks = receiving(() => Promise.reject(new TrustSourceError('unreachable', 'away')));

    expect(await webhooks.receive('amazon', delivery)).toMatchObject({ status: 503, reason: 'not-accepted' });
  });

  it('puts off whoever names keys that cannot be had too often, before it looks at another body of theirs', async () => {
    const webhooks = receiving(() => Promise.reject(new TrustSourceError('unreachable', 'away')));

    for (let times = 0; times < 20; times += 1) await webhooks.receive('amazon', delivery);

    expect(webhooks.admit('amazon', delivery)).toMatchObject({ status: 429, reason: 'too-many-attempts' });
    expect(webhooks.admit('amazon', { ...delivery, address: '203.0.113.9' })).toBeUndefined();
  });
});
