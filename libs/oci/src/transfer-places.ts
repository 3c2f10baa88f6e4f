import { Places } from './manners/places.js';
import type { RegistryClient } from './registry-client.js';

/** Each transfer holds a connection at both ends and some hundred kilobytes; more at a time fill no link better. */
const transfersAtOnce = 12;

const places = new WeakMap<RegistryClient, Places>();

/** How many blobs may be on their way to a registry at the same time, over all copies: what memory a service needs. */
export function transferPlaces(target: RegistryClient): Places {
  const found = places.get(target) ?? new Places(transfersAtOnce);
  places.set(target, found);
  return found;
}
