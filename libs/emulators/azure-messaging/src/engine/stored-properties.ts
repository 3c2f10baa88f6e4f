import type { StoredProperties } from './journal-record.js';
import type { PropertyValue } from './message.js';

/** Properties in the form that the journal can write as JSON. */
export function toStored(properties: Readonly<Record<string, PropertyValue>>): StoredProperties {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, storedValue(value)]));
}

/** The reverse of `toStored`. */
export function fromStored(stored: StoredProperties): Record<string, PropertyValue> {
  return Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, liveValue(value)]));
}

function storedValue(value: PropertyValue): StoredProperties[string] {
  if (typeof value === 'bigint') return { long: value.toString() };
  return value instanceof Date ? { time: value.getTime() } : value;
}

function liveValue(value: StoredProperties[string]): PropertyValue {
  if (value === null || typeof value !== 'object') return value;
  return 'long' in value ? BigInt(value.long) : new Date(value.time);
}
