import type { RawWebhook } from '../../libs/registries/src/raw-webhook.js';
import type { SeededRandom } from '../faults/seeded-random.js';
import type { FuzzedRegistry } from './fuzzed-registries.js';

/** A delivery with its headers as they go over the wire, some of them perhaps twice. */
export interface WireDelivery {
  headers: [name: string, value: string][];
  body: Buffer;
  pathToken?: string | undefined;
}

/** Where a sender's proof stands. */
export type Proof = { header: string; value: string } | { path: string } | { inBody: true };

interface Proved {
  signed: RawWebhook;
  proof: Proof;
}

// Signing with RSA takes longer than all the rest of a request.
const known = new WeakMap<RawWebhook, Promise<Proved>>();

/** What proves that a delivery, as it was recorded, comes from its registry. */
export function proofOf(registry: FuzzedRegistry, recorded: RawWebhook): Promise<Proved> {
  const proved = known.get(recorded) ?? prove(registry, recorded);
  known.set(recorded, proved);
  return proved;
}

async function prove({ sender }: FuzzedRegistry, delivery: RawWebhook): Promise<Proved> {
  // Gitea signs what a form holds, so the content type decides what is signed.
  const { 'content-type': contentType } = delivery.headers;
  const bare = { ...delivery, headers: { 'content-type': contentType }, pathToken: undefined };
  const signed = await sender.sign(bare, sender.recordedUnder);
  const header = Object.entries(signed.headers).find(([name]) => name !== 'content-type');
  const { pathToken } = signed;
  if (header !== undefined) return { signed, proof: { header: header[0], value: String(header[1]) } };
  return { signed, proof: pathToken === undefined ? { inBody: true } : { path: pathToken } };
}

const others: readonly [string, ...string[]] = [
  'Bearer ',
  'Bearer null',
  'Basic bm90LWEtc2VjcmV0Og==',
  'sha256=',
  'sha1=0000000000000000000000000000000000000000',
  '[object Object]',
  '***',
  'undefined',
  'not-a-secret,not-a-secret',
];

/** A proof that is none: left out, empty, cut, longer, another, of another algorithm, a wrong one before the right one. */
export function forgedHeaders(header: string, value: string, random: SeededRandom): [string, string][] {
  return random.pick<() => [string, string][]>([
    () => [],
    () => [[header, '']],
    () => [[header, value.slice(0, random.between(0, value.length - 1))]],
    () => [[header, `${value}${random.pick(['x', '0', '=', '.', ',', ', ' + value])}`]],
    () => [[header, flippedAt(value, random.between(value.length >> 1, value.length - 1))]],
    () => [[header, random.pick(others)]],
    () => [
      [header, 'Bearer another'],
      [header, value],
    ],
    () => [[`x-${header}`, value]],
    () => [[header, unsignedToken(value)]],
    () => [[header, Buffer.from(value).toString('base64')]],
  ])();
}

/** Another character of the same class; the last ones of base64 may hold bits that mean nothing, so those are left. */
function flippedAt(value: string, at: number): string {
  const safe = Math.max(0, Math.min(at, value.length - 3));
  const other = value[safe] === 'a' ? 'b' : 'a';
  return value.slice(0, safe) + other + value.slice(safe + 1);
}

/** The token with its algorithm named `none` and without a signature; of what is no token, something that looks like one. */
function unsignedToken(value: string): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const [, claims = encode({ email_verified: true })] = value.replace(/^Bearer /, '').split('.');
  return `Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`;
}

/** Fields of a message of SNS that an attacker would change, each so that the signature cannot hold. */
export function forgedSnsBody(body: Buffer, random: SeededRandom): Buffer {
  const message = JSON.parse(body.toString()) as Record<string, unknown>;
  const host = 'sns.eu-west-1.amazonaws.com';
  const pem = 'SimpleNotificationService-0123456789abcdef.pem';
  const changes = random.pick<() => object>([
    () => ({ Signature: 'AAAA' }),
    () => ({ Signature: '' }),
    () => ({ Signature: [message['Signature']] }),
    () => ({ Message: `${String(message['Message'])} ` }),
    () => ({ TopicArn: 'arn:aws:sns:eu-west-1:999999999999:ecr-events' }),
    () => ({ SigningCertURL: `https://${host}.evil.example/${pem}` }),
    () => ({ SigningCertURL: `https://evil.example/${host}/${pem}` }),
    () => ({ SigningCertURL: `https://${host}@evil.example/${pem}` }),
    () => ({ SigningCertURL: `http://${host}/${pem}` }),
    () => ({ SigningCertURL: `https://${host}/x/../${pem}` }),
    () => ({ SigningCertURL: `https://${host}/${pem}?x` }),
    () => ({ SignatureVersion: '3' }),
    () => ({ Timestamp: '2020-01-01T00:00:00.000Z' }),
    () => ({ MessageId: 'another' }),
  ])();
  return Buffer.from(JSON.stringify({ ...message, ...changes }));
}
