import type { PropertyValue } from '../engine/message.js';
import { propertyValue } from './amqp-values.js';
import type { AmqpTyped } from './rhea-endpoints.js';

/** Azure's limit of what may stand in front of a message's body leaves room for far fewer. */
const MAX_PROPERTIES = 1000;

/** Simple values out of a decoded map (properties to modify, dead-letter details); anything else in it is left out. */
export function propertiesOf(map: unknown): Record<string, PropertyValue> {
  if (map === null || typeof map !== 'object') return {};
  const entries = Object.entries(map)
    .slice(0, MAX_PROPERTIES)
    .map(([name, value]) => [name, simpleValue(value)] as const)
    .filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

function simpleValue(value: unknown): PropertyValue | undefined {
  if (isTyped(value)) return propertyValue(value);
  const simple =
    value === null || value instanceof Date || ['string', 'number', 'boolean'].includes(typeof value);
  return simple ? (value as PropertyValue) : undefined;
}

function isTyped(value: unknown): value is AmqpTyped {
  return typeof value === 'object' && value !== null && 'type' in value && 'value' in value;
}
