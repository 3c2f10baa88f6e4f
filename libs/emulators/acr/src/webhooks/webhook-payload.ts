import { randomUUID } from 'node:crypto';

import type { WebhookEvent } from './webhook-event.js';

/** The body of a test delivery. */
export const pingPayload: Readonly<Record<string, unknown>> = { action: 'ping' };

/**
 * The body of a delivery, with exactly the fields that Azure's have:
 * https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference for `push` and `delete`,
 * https://github.com/Azure/acr/blob/main/docs/preview/quarantine/readme.md for `quarantine`, which has no media type
 * and no user agent.
 */
export function webhookPayload(event: WebhookEvent, registry: { loginServer: string; now: number }): object {
  const { method, userAgent } = event.request;
  const request = { id: randomUUID(), host: registry.loginServer, method };
  return {
    id: randomUUID(),
    timestamp: sevenFractionDigits(registry.now),
    action: event.action,
    target: target(event),
    request: event.action === 'quarantine' ? request : { ...request, useragent: userAgent },
  };
}

/** A delete has neither tag nor size; a push by digest has no tag. Undefined fields vanish in JSON. */
function target({ action, repository, tag, manifest }: WebhookEvent): object {
  const { mediaType, size, digest } = manifest;
  switch (action) {
    case 'push':
      return { mediaType, size, digest, length: size, repository, tag };
    case 'quarantine':
      return { size, digest, length: size, repository, tag };
    case 'delete':
      return { mediaType, digest, repository };
  }
}

/** .NET prints times to 100 ns, and so do Azure's events; what is below a millisecond is made up. */
function sevenFractionDigits(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z');
}
