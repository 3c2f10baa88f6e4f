import { verify, type X509Certificate } from 'node:crypto';
import type { RawWebhook } from '../raw-webhook.js';
import { Refusal } from '../refusal.js';
import { readWebhook } from '../webhook-json.js';
import { notAuthenticated } from './live-secrets.js';
import { sentLately } from './replay-window.js';
import { signedText, SnsMessage } from './sns-message.js';
import { snsHost, type SnsTopicArn } from './sns-topic.js';
import type { TrustSources } from './trust-sources.js';
import { admit, type Verified } from './verified.js';

export interface ExpectedSns {
  topicArn: SnsTopicArn;
  /** Signature version 1 uses SHA-1, for which forged certificates and collisions exist; a topic can be told to use 2. */
  allowSha1?: boolean | undefined;
}

/** For Amazon SNS, which signs with the key of a certificate that it publishes itself. */
export async function verifySnsSignature(
  request: RawWebhook,
  expected: ExpectedSns,
  sources: TrustSources,
): Promise<Verified | Refusal> {
  const read = readWebhook(request.body, SnsMessage);
  if (read instanceof Refusal) return notAuthenticated('it is not a signed message of Amazon SNS');
  const message = read.value;
  const wrong = whatIsWrong(message, expected, request.receivedAt);
  if (wrong !== undefined) return notAuthenticated(wrong);
  const certificate = await sources.certificate(message.SigningCertURL);
  if (certificate === undefined || !isOfSns(certificate, request.receivedAt))
    return notAuthenticated('the certificate is not one of Amazon SNS, or not valid at this time');
  return signatureHolds(message, certificate)
    ? admit(request)
    : notAuthenticated('the signature is not that of this message');
}

function whatIsWrong(message: SnsMessage, expected: ExpectedSns, receivedAt: Date): string | undefined {
  if (message.TopicArn !== expected.topicArn) return 'it is of another topic than the configured one';
  if (message.SignatureVersion === '1' && expected.allowSha1 !== true)
    return 'it is signed with SHA-1: set SignatureVersion 2 on the topic, or allowSha1 here';
  if (!sentLately(message.Timestamp, receivedAt)) return 'it was signed too long ago, or in the future';
  return isAddressOfCertificate(message.SigningCertURL, snsHost(expected.topicArn))
    ? undefined
    : 'the certificate is not at the address of Amazon SNS in the region of the topic';
}

/** Anybody can write an address into a message. Compared as text: no parser may see another host in it than we do. */
function isAddressOfCertificate(address: string, host: string): boolean {
  const start = `https://${host}/`;
  return (
    address.startsWith(start) &&
    /^SimpleNotificationService-[0-9a-f]{8,64}\.pem$/.test(address.slice(start.length))
  );
}

/** TLS has told that it comes from the host of SNS; an endpoint of a customer's own there would have another name in it. */
function isOfSns(certificate: X509Certificate, at: Date): boolean {
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  if (!/^sns(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.test(commonName)) return false;
  return certificate.validFromDate <= at && at <= certificate.validToDate;
}

function signatureHolds(message: SnsMessage, { publicKey }: X509Certificate): boolean {
  const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  if (publicKey.asymmetricKeyType !== 'rsa') return false;
  const signature = Buffer.from(message.Signature, 'base64');
  return verify(algorithm, Buffer.from(signedText(message)), publicKey, signature);
}
