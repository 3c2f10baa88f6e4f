import type { FilterableMessage, PropertyValue, SystemField } from '../message.js';
import { compareValues } from './compare-values.js';

/** Field names as the SDK's CorrelationRuleFilter spells them, and `label`, the older name of the subject. */
const SYSTEM_FIELDS: ReadonlyMap<string, SystemField> = new Map([
  ['contentType', 'contentType'],
  ['correlationId', 'correlationId'],
  ['label', 'subject'],
  ['messageId', 'messageId'],
  ['replyTo', 'replyTo'],
  ['replyToSessionId', 'replyToSessionId'],
  ['sessionId', 'sessionId'],
  ['subject', 'subject'],
  ['to', 'to'],
]);

/**
 * Compiles a correlation filter: every field must equal the message's, text with regard to case. A key that is a system
 * field's name means that field, `applicationProperties` holds more application properties (as in the SDK's type), and
 * any other key is an application property. Throws TypeError for a value that no message can equal.
 */
export function compileCorrelationFilter(
  fields: Readonly<Record<string, unknown>>,
): (message: FilterableMessage) => boolean {
  const { applicationProperties, ...rest } = fields;
  const nested = Object.entries((applicationProperties ?? {}) as Record<string, unknown>);
  const conditions = [
    ...Object.entries(rest).map(([key, value]) => condition(key, value, SYSTEM_FIELDS.get(key))),
    ...nested.map(([key, value]) => condition(key, value, undefined)),
  ];
  return (message) => conditions.every((holds) => holds(message));
}

function condition(
  key: string,
  value: unknown,
  field: SystemField | undefined,
): (message: FilterableMessage) => boolean {
  if (!isPropertyValue(value)) {
    throw new TypeError(`The correlation filter's '${key}' must be text, a number, a boolean or a date.`);
  }
  return (message) =>
    compareValues('=', field === undefined ? message.application.get(key) : message.system[field], value) ===
    true;
}

function isPropertyValue(value: unknown): value is PropertyValue {
  return value instanceof Date || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
