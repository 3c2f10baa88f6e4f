import type { IncomingMessage, ServerResponse } from 'node:http';

/** What follows the name of a registry in the address of a webhook. */
const pathToken = /^(\/webhooks\/[^/?]*\/)[^?]+/;

/**
 * Middleware that keeps the secret of an address out of the log: lines are written from `originalUrl`, and the route was
 * found before. It sees every request below `/webhooks`, whatever becomes of it: a person may open the address in a browser.
 */
export function hidePathToken(
  request: IncomingMessage & { originalUrl?: string },
  _response: ServerResponse,
  next: () => void,
): void {
  request.originalUrl = withoutPathToken(request.originalUrl ?? request.url ?? '');
  next();
}

/** An address as it may be written down. */
export function withoutPathToken(address: string): string {
  return address.replace(pathToken, '$1***');
}
