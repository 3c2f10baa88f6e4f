import type { RawWebhook } from '../../libs/registries/src/raw-webhook.js';
import type { SeededRandom } from '../faults/seeded-random.js';
import { forgedHeaders, forgedSnsBody, type Proof, proofOf, type WireDelivery } from './forge-proof.js';
import type { FuzzedRegistry } from './fuzzed-registries.js';
import { spoilBody } from './spoil-body.js';

/**
 * What is expected of ingress.
 *
 * - `refused`: nobody proved anything, so the answer is 4xx
 * - `judged`: the proof holds, so the answer is whatever the body deserves, but never 5xx
 */
export type Expectation = 'refused' | 'judged';

export interface FuzzRequest {
  registry: string;
  expected: Expectation;
  bytes: Buffer;
}

const contentTypes: readonly [string, ...string[]] = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/cloudevents+json; charset=utf-8',
  'application/cloudevents-batch+json',
  'text/plain; charset=UTF-8',
  'multipart/form-data; boundary=x',
  'application/vnd.docker.distribution.events.v2+json',
  ';;;',
];

/** Makes one request to one of the registries: proved or forged, whole or damaged. */
export async function makeRequest(
  fuzzed: readonly FuzzedRegistry[],
  bodies: readonly [Buffer, ...Buffer[]],
  random: SeededRandom,
): Promise<FuzzRequest> {
  const registry = fuzzed[random.between(0, fuzzed.length - 1)] ?? fuzzed[0];
  if (registry === undefined) throw new Error('there is nothing to attack');
  const recorded = random.pick(registry.recorded);
  const body = random.chance(0.8) ? spoilBody(recorded.body, bodies, random) : recorded.body;
  const headers = headersOf(recorded, random);
  const delivery: RawWebhook = { ...recorded, headers: Object.fromEntries(headers), body };
  const made = random.chance(0.5)
    ? await proved(registry, { delivery, original: recorded, headers })
    : await forged(registry, { delivery, original: recorded, headers }, random);
  return { registry: registry.name, expected: made.expected, bytes: wireBytes(registry.name, made, random) };
}

type Made = WireDelivery & { expected: Expectation };

/** A delivery on its way to becoming a request. */
interface Draft {
  delivery: RawWebhook;
  /** As it was recorded. */
  original: RawWebhook;
  headers: [string, string][];
}

async function proved(registry: FuzzedRegistry, { delivery, original, headers }: Draft): Promise<Made> {
  const { sender } = registry;
  // A token says nothing of the body, so one is enough.
  const signed =
    registry.kind === 'artifact-registry'
      ? { ...(await proofOf(registry, original)).signed, body: delivery.body }
      : await sender.sign(delivery, sender.recordedUnder);
  const added = Object.entries(signed.headers).filter(([name]) => !(name in delivery.headers));
  return {
    expected: 'judged',
    headers: [...headers, ...added.map(([name, value]): [string, string] => [name, String(value)])],
    body: signed.body,
    pathToken: signed.pathToken,
  };
}

async function forged(
  registry: FuzzedRegistry,
  { delivery, original, headers }: Draft,
  random: SeededRandom,
): Promise<Made> {
  const { signed, proof } = await proofOf(registry, original);
  const made = { expected: 'refused' as const, headers, body: delivery.body };
  if ('inBody' in proof) return { ...made, body: forgedSnsBody(signed.body, random) };
  if ('path' in proof) return { ...made, pathToken: forgedPath(proof, random) };
  return { ...made, headers: [...headers, ...forgedHeaders(proof.header, proof.value, random)] };
}

function forgedPath({ path }: Extract<Proof, { path: string }>, random: SeededRandom): string {
  return random.pick([
    '',
    path.slice(0, -1),
    `${path}x`,
    `${path}%00`,
    `${path}/`,
    `${path}/x`,
    `%2e%2e%2f${path}`,
    path.toUpperCase(),
    `x${path.slice(1)}`,
    `?token=${path}`,
  ]);
}

// What the wire needs is written by us, and a proof is added where there is to be one.
const ownHeaders =
  /^(?:host|content-length|connection|transfer-encoding|accept-encoding|content-encoding|authorization|x-.*(?:signature|event-auth).*)$/;

function headersOf({ headers }: RawWebhook, random: SeededRandom): [string, string][] {
  const kept = Object.entries(headers)
    .filter(([name]) => !ownHeaders.test(name))
    .map(([name, value]): [string, string] => [name, String(value)]);
  if (random.chance(0.85)) return kept;
  const without = kept.filter(() => random.chance(0.8));
  return random.pick<() => [string, string][]>([
    () => [
      ...without.filter(([name]) => name !== 'content-type'),
      ['content-type', random.pick(contentTypes)],
    ],
    () => [...without, ['content-encoding', random.pick(['gzip', 'br', 'identity', ''])]],
    () => [
      ...without,
      ['ce-specversion', random.pick(['1.0', '0.3', '%zz'])],
      ['ce-type', '%ff'],
      ['ce-id', 'x'],
    ],
    () => [...without, ['traceparent', 'x'.repeat(random.between(1, 400))]],
    () => [...without, ['x-forwarded-host', 'evil.example'], ['x-http-method-override', 'GET']],
    () => without,
  ])();
}

function wireBytes(name: string, { headers, body, pathToken }: Made, random: SeededRandom): Buffer {
  const path = pathToken === undefined ? `/webhooks/${name}` : `/webhooks/${name}/${pathToken}`;
  const address = [10, 255, 255, 255]
    .map((most, at) => (at === 0 ? most : random.between(0, most)))
    .join('.');
  const lines = [
    ['host', 'fuzz'],
    ['x-forwarded-for', address],
    ['content-length', String(body.length)],
    ...headers,
  ].map(([key = '', value = '']) => `${key}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}
