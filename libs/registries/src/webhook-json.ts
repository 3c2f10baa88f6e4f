import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { malformedBy, Refusal } from './refusal.js';

// Real notifications nest five levels deep. JSON.parse itself survives millions of levels, but what walks its result
// recursively (a schema, a logger) overflows the stack at some ten thousand.
const maxDepth = 64;

const step: Readonly<Record<number, number>> = { 0x7b: 1, 0x5b: 1, 0x7d: -1, 0x5d: -1 }; // { [ } ]
const quote = 0x22;
const backslash = 0x5c;

// A key that could reach a prototype may be written with escapes, so any escape of an ASCII character is a suspicion too.
const suspicious = /__proto__|constructor|prototype|toString|valueOf|\\u00[0-7]/i;
// An object with the last two throws where it is compared or written: zod 4 compares what is called `length`, in an object too.
const forbiddenKeys: readonly string[] = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf'];

class ForbiddenKey extends Error {}

/**
 * Reads the JSON body of a delivery: UTF-8, at most 64 levels deep, and without keys that reach for a prototype
 * or stand in for what every object can do.
 *
 * @returns `{ value }`, or a refusal as malformed
 */
export function readWebhookJson(body: Buffer): { value: unknown } | Refusal {
  if (deeperThan(maxDepth, body)) return malformed(`is nested more than ${maxDepth} levels deep`);
  if (!isUtf8(body)) return malformed('is not UTF-8');
  const text = body.toString('utf8');
  try {
    return { value: suspicious.test(text) ? JSON.parse(text, refuseForbiddenKeys) : JSON.parse(text) };
  } catch (error) {
    return malformed(error instanceof ForbiddenKey ? 'has a key that no registry sends' : 'is not JSON');
  }
}

function refuseForbiddenKeys(key: string, value: unknown): unknown {
  if (forbiddenKeys.includes(key)) throw new ForbiddenKey();
  return value;
}

/** Counts brackets outside strings, on the bytes: UTF-8 never hides an ASCII byte inside another character. */
function deeperThan(limit: number, bytes: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(bytes, at);
    else depth += step[byte] ?? 0;
    if (depth > limit) return true;
  }
  return false;
}

function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function malformed(what: string): Refusal {
  return new Refusal('malformed', `the body ${what}`);
}

/** {@link readWebhookJson}, checked against a schema. */
export function readWebhook<S extends z.ZodType>(body: Buffer, schema: S): { value: z.output<S> } | Refusal {
  const json = readWebhookJson(body);
  if (json instanceof Refusal) return json;
  const parsed = schema.safeParse(json.value);
  return parsed.success ? { value: parsed.data } : malformedBy(parsed.error);
}
