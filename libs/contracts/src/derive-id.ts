import { hash } from 'node:crypto';

/**
 * An id that the same input always yields, so that work done twice publishes the same message twice: Service Bus drops
 * the second as a duplicate, and the ledger keeps one entry.
 *
 * Every part is written with its length before it is hashed, so that `('ab', 'c')` and `('a', 'bc')` differ.
 *
 * @returns 43 characters of base64url (256 bits); Service Bus allows 128 for a MessageId
 */
export function deriveId(...parts: [string, ...string[]]): string {
  return hash('sha256', parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''), 'base64url');
}
