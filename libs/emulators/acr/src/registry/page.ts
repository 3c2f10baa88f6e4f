import type { Exchange } from '../http/exchange.js';
import { RegistryError } from './registry-error.js';

/** Azure gives 100 entries when a list is asked for without `n`, and at most 1000. */
const defaultPageSize = 100;
const maxPageSize = 1000;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Headers of the answer: the Link to the next page, if there is one. */
  readonly headers: Record<string, string>;
}

/**
 * Cuts the page that `n` and `last` of the query ask for out of a sorted list. `last` is the key of the last entry
 * that the client has; it need not exist any more.
 */
export function cutPage<Item>(
  exchange: Exchange,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Page<Item> {
  const size = pageSize(exchange.query.get('n'));
  const last = exchange.query.get('last');
  const rest = last === null || last === '' ? items : items.slice(indexAfter(items, last, keyOf));
  const page = rest.slice(0, size);
  const end = page.at(-1);
  if (end === undefined || rest.length <= size) return { items: page, headers: {} };
  return { items: page, headers: { link: nextLink(exchange, size, keyOf(end)) } };
}

function indexAfter<Item>(items: readonly Item[], last: string, keyOf: (item: Item) => string): number {
  const exact = items.findIndex((item) => keyOf(item) === last);
  if (exact >= 0) return exact + 1;
  const next = items.findIndex((item) => keyOf(item) > last);
  return next < 0 ? items.length : next;
}

function nextLink(exchange: Exchange, size: number, last: string): string {
  const query = new URLSearchParams(exchange.query);
  query.set('last', last);
  query.set('n', String(size));
  return `<${encodeURI(exchange.path)}?${query.toString()}>; rel="next"`;
}

function pageSize(text: string | null): number {
  if (text === null) return defaultPageSize;
  if (!/^\d{1,9}$/.test(text)) {
    throw new RegistryError('PAGINATION_NUMBER_INVALID', 'The parameter n must be a number from 0.');
  }
  return Math.min(Number(text), maxPageSize);
}
