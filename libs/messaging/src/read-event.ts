import { Outcome, RegistryEvent } from '@pratique/contracts';
import type { z } from 'zod';
import { decodeCloudEvent, type ReceivedAmqpMessage } from './cloud-event-codec.js';

export type Reading<T> = { ok: true; event: T } | { ok: false; why: string };

// The whole list would be as long as a stranger likes; the first few say what is wrong.
const describedIssues = 3;

/** A registry event by its contract, or why the message is none. */
export function readRegistryEvent(message: ReceivedAmqpMessage): Reading<RegistryEvent> {
  return read(message, RegistryEvent);
}

/** An outcome by its contract, or why the message is none. */
export function readOutcome(message: ReceivedAmqpMessage): Reading<Outcome> {
  return read(message, Outcome);
}

function read<T>(message: ReceivedAmqpMessage, contract: z.ZodType<T>): Reading<T> {
  const decoded = decodeCloudEvent(message);
  if (!decoded.ok) return decoded;
  try {
    const parsed = contract.safeParse(decoded.event);
    return parsed.success ? { ok: true, event: parsed.data } : { ok: false, why: describe(parsed.error) };
  } catch {
    // zod 4 compares what is called `length` in an object too, which throws for `{"length":{"toString":1,"valueOf":1}}`.
    return { ok: false, why: 'the event holds something that cannot even be compared' };
  }
}

function describe(error: z.ZodError): string {
  const [...issues] = error.issues.slice(0, describedIssues);
  const more = error.issues.length - issues.length;
  const sentences = issues.map(({ path, message }) => `${path.map(String).join('.') || 'event'}: ${message}`);
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}`.slice(0, 1024);
}
