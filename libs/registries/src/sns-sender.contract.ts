import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto';
import type { ContractSender, SenderSecrets } from './contract-sender.contract.js';
import type { RawWebhook } from './raw-webhook.js';
import { selfSignedCertificate } from './self-signed-certificate.contract.js';
import type { BoundedFetch } from './verification/bounded-fetch.js';
import { signedText, SnsMessage } from './verification/sns-message.js';
import { trustSources } from './verification/trust-sources.js';

export const topicArn = 'arn:aws:sns:eu-west-1:123456789012:ecr-events';
const host = 'https://sns.eu-west-1.amazonaws.com';

const pairs = new Map<string, KeyPairKeyObjectResult>();

// A secret stands for the key pair of a certificate; making one takes a while.
function keyPair(secret: string): KeyPairKeyObjectResult {
  const pair = pairs.get(secret) ?? generateKeyPairSync('rsa', { modulusLength: 2048 });
  pairs.set(secret, pair);
  return pair;
}

/** Where the certificate of a secret is to be had. */
export function addressOf(secret: string): string {
  const name = createHash('sha256').update(secret).digest('hex').slice(0, 32);
  return `${host}/SimpleNotificationService-${name}.pem`;
}

export function certificateOf(
  secret: string,
  commonName = 'sns.amazonaws.com',
  validTo = new Date('2027-01-01T00:00:00Z'),
): string {
  const validFrom = new Date('2026-01-01T00:00:00Z');
  return selfSignedCertificate({ commonName, ...keyPair(secret), validFrom, validTo });
}

/** Amazon SNS, as far as it can be fetched: the certificates of these secrets. */
export function fetchFromSns(...secrets: string[]): BoundedFetch {
  const files = new Map(secrets.map((secret) => [addressOf(secret), certificateOf(secret)]));
  return (address) => {
    const text = files.get(address);
    return Promise.resolve(text === undefined ? { status: 404, text: '' } : { status: 200, text });
  };
}

export function signSns(delivery: RawWebhook, secret: string): RawWebhook {
  const message = readMessage(delivery.body);
  if (message === undefined) return delivery;
  const named = { ...message, SigningCertURL: addressOf(secret) };
  const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  const signature = sign(algorithm, Buffer.from(signedText(named)), keyPair(secret).privateKey);
  return {
    ...delivery,
    body: Buffer.from(JSON.stringify({ ...named, Signature: signature.toString('base64') })),
  };
}

function readMessage(body: Buffer): SnsMessage | undefined {
  try {
    return SnsMessage.safeParse(JSON.parse(body.toString())).data;
  } catch {
    return undefined;
  }
}

/** The delivery with some fields changed after it was signed. */
export function alteredSns(delivery: RawWebhook, fields: object): RawWebhook {
  const message = JSON.parse(delivery.body.toString()) as object;
  return { ...delivery, body: Buffer.from(JSON.stringify({ ...message, ...fields })) };
}

export const snsSender: ContractSender = {
  name: 'signature of SNS',
  recordedUnder: 'certificate of the recordings',
  recordedWithoutProof: true,
  webhook: () => ({ topicArn, allowSha1: true }),
  sources: ({ secret, previousSecret }: SenderSecrets) =>
    trustSources(fetchFromSns(secret, ...(previousSecret === undefined ? [] : [previousSecret]))),
  sign: signSns,
  forge: (delivery) => {
    const message = JSON.parse(delivery.body.toString()) as Record<string, string>;
    const { Signature, Message, MessageId, Type } = message;
    const flip = (text = ''): string =>
      text.slice(0, 9) + String.fromCharCode(text.charCodeAt(9) ^ 1) + text.slice(10);
    return [
      alteredSns(delivery, { Signature: flip(Signature) }),
      alteredSns(delivery, { Message: flip(Message) }),
      alteredSns(delivery, { MessageId: flip(MessageId) }),
      alteredSns(delivery, { Timestamp: '2026-03-04T08:15:30.903Z' }),
      // Only notifications have one, and it is signed where it is there.
      ...(Type === 'Notification' ? [alteredSns(delivery, { Subject: 'another' })] : []),
    ];
  },
  unreadable: 'not-authenticated',
};
