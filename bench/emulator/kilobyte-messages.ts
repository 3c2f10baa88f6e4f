import { randomUUID } from 'node:crypto';
import type { ServiceBusMessage } from './bare-client.js';

const body = Buffer.alloc(1024, 'x');

/** Messages of 1 KB, each with an id of its own. */
export function kilobyteMessages(count: number): ServiceBusMessage[] {
  return Array.from({ length: count }, () => ({ body, messageId: randomUUID() }));
}
