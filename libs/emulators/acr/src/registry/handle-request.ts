import { randomUUID } from 'node:crypto';

import { formatScope } from '../auth/access-scope.js';
import { type Caller, callerWith } from '../auth/caller.js';
import { tokenRoutes } from '../auth/token-endpoints.js';
import { blobRoutes } from '../distribution/blobs.js';
import { listingRoutes } from '../distribution/listings.js';
import { manifestRoutes } from '../distribution/manifests.js';
import { referrerRoutes } from '../distribution/referrers.js';
import { tagAttributeRoutes } from '../distribution/tag-attributes.js';
import { uploadRoutes } from '../distribution/upload-endpoints.js';
import { type Exchange, jsonReply, type Reply } from '../http/exchange.js';
import { BodyTooLargeError } from '../http/read-body.js';
import { matchRoute } from '../http/route.js';
import { manifestAttributeRoutes } from '../quarantine/manifest-attributes.js';
import { requireRepositoryName } from './image-names.js';
import type { Registry } from './registry.js';
import { RegistryError } from './registry-error.js';
import type { RegistryAccess, RegistryRoute } from './registry-route.js';

const pingRoute: RegistryRoute = {
  methods: ['GET', 'HEAD'],
  pattern: /^\/v2\/?$/,
  access: () => 'token',
  handle: () => jsonReply(200, {}),
};

/** Everything the registry answers, in the order in which paths are tried. */
const routes: readonly RegistryRoute[] = [
  pingRoute,
  ...tokenRoutes,
  ...listingRoutes,
  ...uploadRoutes,
  ...blobRoutes,
  ...manifestRoutes,
  ...referrerRoutes,
  ...manifestAttributeRoutes,
  ...tagAttributeRoutes,
];

/** Finds the route of a request, lets its caller in or throws the challenge, and answers. */
export async function handleRequest(registry: Registry, exchange: Exchange): Promise<Reply> {
  const match = matchRoute(routes, exchange.method, exchange.path);
  if (match.found === 'nothing') throw new RegistryError('NAME_UNKNOWN', 'There is nothing at this path.');
  if (match.found === 'other-methods') {
    const headers = { allow: [...new Set(match.methods)].join(', ') };
    throw new RegistryError('UNSUPPORTED', 'The method is not allowed at this path.', { headers });
  }
  const { route, parameters } = match;
  if (parameters.has('repository')) requireRepositoryName(parameters.get('repository'));
  const caller = letIn(registry, exchange, route.access(parameters));
  return withRegistryHeaders(await route.handle({ registry, exchange, parameters, caller }));
}

/** The answer to whatever a handler threw. */
export function refuseRequest(error: unknown): Reply {
  return withRegistryHeaders(asRegistryError(error).toReply());
}

function asRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof BodyTooLargeError) {
    // The rest of the body is not worth reading: close, so that the client notices.
    return new RegistryError('SIZE_INVALID', error.message, {
      headers: { connection: 'close' },
      cause: error,
    });
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new RegistryError('UNKNOWN', 'The registry emulator failed.', { detail, cause: error });
}

function withRegistryHeaders(reply: Reply): Reply {
  const headers = {
    'docker-distribution-api-version': 'registry/2.0',
    'x-ms-correlation-request-id': randomUUID(),
    ...reply.headers,
  };
  return { ...reply, headers };
}

function letIn(registry: Registry, exchange: Exchange, access: RegistryAccess): Caller {
  if (access === 'open') return callerWith([]);
  const caller = registry.access.callerOf(exchange.headers.authorization);
  if (caller !== undefined && isAllowed(caller, access)) return caller;
  throw unauthorized(exchange, access, caller !== undefined);
}

function isAllowed(caller: Caller, access: Exclude<RegistryAccess, 'open'>): boolean {
  if (access === 'token') return true;
  if (access === 'catalog') return caller.mayListCatalog();
  return access.oneOf.some((action) => caller.may(access.repository, action));
}

/** The challenge: where to get a token and which one, and whether the one at hand was too small. */
function unauthorized(
  exchange: Exchange,
  access: Exclude<RegistryAccess, 'open'>,
  hadToken: boolean,
): RegistryError {
  const scope = scopeOf(access);
  const parameters = [
    `realm="${exchange.origin}/oauth2/token"`,
    `service="${exchange.host}"`,
    ...(scope === undefined ? [] : [`scope="${formatScope(scope)}"`]),
    ...(hadToken ? ['error="insufficient_scope"'] : []),
  ];
  const detail =
    scope === undefined
      ? []
      : scope.actions.map((action) => ({ Type: scope.type, Name: scope.name, Action: action }));
  const message = 'authentication required, visit https://aka.ms/acr/authorization for more information.';
  const headers = { 'www-authenticate': `Bearer ${parameters.join(',')}` };
  return new RegistryError('UNAUTHORIZED', message, { detail, headers });
}

function scopeOf(access: Exclude<RegistryAccess, 'open'>) {
  if (access === 'token') return undefined;
  if (access === 'catalog') return { type: 'registry' as const, name: 'catalog', actions: ['*'] };
  return { type: 'repository' as const, name: access.repository, actions: access.scope };
}
