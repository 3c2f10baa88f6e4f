import type { SeededRandom } from '../faults/seeded-random.js';

const tokens: readonly [string, ...string[]] = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  'null',
  '-1',
  '1e999',
  ',',
  ':',
  '"__proto__":{},',
  '"constructor":{"prototype":{}},',
  '\u0000',
  '\r\n\r\n',
  'payload=',
  '&payload=%7B%7D',
];

/** What stands where a text should: arrays, objects, what is too long, what breaks out of a path or a line. */
function oddValue(random: SeededRandom, was: unknown): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => [was],
    () => ({ 0: was, length: 1 }),
    () => ({ toString: 'x', valueOf: 'y' }),
    () => '',
    () => 0,
    () => -1,
    () => Number.MAX_SAFE_INTEGER,
    () => true,
    () => 'a'.repeat(random.between(1, 3_000)),
    () => '../../../etc/passwd',
    () => 'team/app\n',
    () => `sha256:${'0'.repeat(random.between(60, 68))}`,
    () => 'https://169.254.169.254/latest/meta-data',
    () => '\u0000\u001b[2J',
    () => [],
    () => ({}),
    () => Array.from({ length: random.between(1, 200) }, () => was),
  ])();
}

/** A body like the given one, damaged in one of many ways; now and then a huge or a deep one. */
export function spoilBody(
  body: Buffer,
  others: readonly [Buffer, ...Buffer[]],
  random: SeededRandom,
): Buffer {
  if (random.chance(0.001)) return hugeBody(body, random);
  return random.pick<() => Buffer>([
    () => flipBytes(body, random),
    () => splice(body, random, Buffer.alloc(0)),
    () => splice(body, random, Buffer.from(random.pick(tokens))),
    () => splice(body, random, random.pick(others)),
    () => body.subarray(0, random.between(0, body.length)),
    () => Buffer.from(Array.from({ length: random.between(0, 64) }, () => random.between(0, 255))),
    () => replaceNode(body, random),
    () => replaceNode(body, random),
    () => replaceNode(replaceNode(body, random), random),
    () => random.pick(others),
  ])();
}

function flipBytes(body: Buffer, random: SeededRandom): Buffer {
  const copy = Buffer.from(body);
  for (let times = random.between(1, 4); times > 0 && copy.length > 0; times -= 1)
    copy[random.between(0, copy.length - 1)] = random.between(0, 255);
  return copy;
}

function splice(body: Buffer, random: SeededRandom, inserted: Buffer): Buffer {
  const at = random.between(0, body.length);
  const dropped = random.chance(0.5) ? random.between(0, Math.min(40, body.length - at)) : 0;
  return Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + dropped)]);
}

/** Replaces a value somewhere in a JSON document; what is none is left as it is. */
function replaceNode(body: Buffer, random: SeededRandom): Buffer {
  let document: unknown;
  try {
    document = JSON.parse(body.toString());
  } catch {
    return body;
  }
  const places = placesIn(document);
  const [first, ...rest] = places;
  if (first === undefined) return Buffer.from(JSON.stringify(oddValue(random, document)));
  const { holder, key } = random.pick([first, ...rest]);
  if (random.chance(0.2)) Reflect.deleteProperty(holder, key);
  else holder[key] = oddValue(random, holder[key]);
  return Buffer.from(JSON.stringify(document));
}

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

function hugeBody(body: Buffer, random: SeededRandom): Buffer {
  const most = 1024 * 1024;
  const text = body.toString();
  return random.pick<() => Buffer>([
    () => Buffer.from(`[${'{},'.repeat(300_000)}{}]`),
    () => Buffer.from(`{"events":[${'{"action":"push"},'.repeat(50_000)}{}]}`),
    () => Buffer.from('['.repeat(random.between(60, most))),
    () => Buffer.from(`{"a":"${'\\u0041'.repeat(170_000)}"}`),
    () => Buffer.from(`{${Array.from({ length: 60_000 }, (_, at) => `"k${at}":1`).join(',')}}`),
    () => Buffer.alloc(most + random.between(-1, 1), 0x20),
    () => Buffer.from(`${text.slice(0, -1)},"x":"${'y'.repeat(900_000)}"}`),
    () =>
      Buffer.from(
        `[${Array.from({ length: Math.floor(900_000 / (text.length + 1)) }, () => text).join(',')}]`,
      ),
  ])();
}
