import { armAudience } from '../entra/emulated-entra.js';
import { type Exchange, jsonReply, type Reply } from '../http/exchange.js';
import { BodyTooLargeError, readBody } from '../http/read-body.js';
import { matchRoute, type PathParameters, type Route } from '../http/route.js';
import type { Registry } from '../registry/registry.js';
import { ArmError, asArmError } from './arm-error.js';
import {
  type ArmScope,
  registryByHost,
  registryByName,
  registryByResourceId,
  resourceIdOf,
} from './arm-scope.js';
import { importImage, requireFreeTags } from './import-image.js';
import { parseImportRequest } from './import-request.js';
import { findSource, resolveSource } from './import-source.js';
import { describeRegistry } from './registry-resource.js';
import { sameName } from './resource-id.js';

/** A request with a valid token. */
interface ArmRequest {
  readonly scope: ArmScope;
  readonly exchange: Exchange;
  readonly parameters: PathParameters;
  /** Object id of the caller. */
  readonly objectId: string;
}

/** A credential of 16 KiB and a hundred target names fit in. */
const maxBodyBytes = 128 * 1024;

const subscription = '/subscriptions/(?<subscription>[^/]+)';
const registry = `${subscription}/resourceGroups/(?<group>[^/]+)/providers/Microsoft\\.ContainerRegistry/registries/(?<registry>[^/]+)`;
const results = `${subscription}/providers/Microsoft\\.ContainerRegistry/locations/[^/]+/operationResults/(?<operation>[^/]+)`;

const routes: readonly Route<'token', ArmRequest>[] = [
  route('GET', registry, getRegistry),
  route('POST', `${registry}/importImage`, startImport),
  route('GET', results, pollOperation),
];

function route(
  method: string,
  path: string,
  handle: (request: ArmRequest) => Reply | Promise<Reply>,
): Route<'token', ArmRequest> {
  return { methods: [method], pattern: new RegExp(`^${path}$`, 'i'), access: () => 'token', handle };
}

/** Checks the token, the version and the subscription of a request, and answers it. */
export async function handleArmRequest(scope: ArmScope, exchange: Exchange): Promise<Reply> {
  const objectId = principalOf(scope, exchange.headers.authorization);
  if (!exchange.query.has('api-version')) {
    throw new ArmError('MissingApiVersionParameter', 'The api-version query parameter is required.');
  }
  const match = matchRoute(routes, exchange.method, exchange.path);
  if (match.found !== 'route') throw new ArmError('NotFound', 'The emulator has nothing at this path.');
  if (!sameName(match.parameters.get('subscription'), scope.subscriptionId)) {
    const message = `The subscription '${match.parameters.get('subscription')}' could not be found.`;
    throw new ArmError('SubscriptionNotFound', message);
  }
  return match.route.handle({ scope, exchange, parameters: match.parameters, objectId });
}

/** The answer to whatever a handler threw. */
export function refuseArmRequest(error: unknown): Reply {
  if (error instanceof BodyTooLargeError) {
    return new ArmError('InvalidRequestContent', error.message, { cause: error }).toReply();
  }
  return asArmError(error).toReply();
}

function principalOf({ entra }: ArmScope, authorization: string | undefined): string {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const objectId = token === undefined ? undefined : entra.principalOf(token, [armAudience]);
  if (objectId !== undefined) return objectId;
  throw new ArmError(
    'InvalidAuthenticationToken',
    `The access token is missing, invalid or not for ${armAudience}.`,
  );
}

function getRegistry(request: ArmRequest): Reply {
  const found = registryOf(request);
  if (found.access.byObjectId(request.objectId) === undefined) throw forbidden(request, found, 'read');
  const context = { resourceId: resourceIdOf(request.scope, found), location: request.scope.location };
  return jsonReply(200, describeRegistry(found, context));
}

async function startImport(request: ArmRequest): Promise<Reply> {
  const { scope, objectId } = request;
  const target = registryOf(request);
  if (target.access.byObjectId(objectId)?.arm?.includes('importImage') !== true) {
    throw forbidden(request, target, 'importImage/action');
  }
  const job = parseImportRequest(await readBody(request.exchange.body, maxBodyBytes));
  const source = findSource(
    {
      objectId,
      registryByResourceId: (id) => registryByResourceId(scope, id),
      registryByHost: (host) => registryByHost(scope, host),
    },
    job,
  );
  for (const wanted of job.targets) requireFreeTags(target, wanted, job.force);
  const { repository, targets, force } = job;
  const operation = scope.operations.start(`${repository}@${job.reference}`, async () => {
    const image = resolveSource(source, job);
    await importImage({ ...image, target, repository, targets, force });
  });
  return acceptedReply(request, operation);
}

function pollOperation(request: ArmRequest): Reply {
  const id = request.parameters.get('operation');
  const report = request.scope.operations.poll(id);
  if (report === undefined) throw new ArmError('NotFound', `There is no operation ${id} any more.`);
  if (report.state === 'failed') throw report.error;
  if (report.state === 'succeeded') return { status: 200 };
  return acceptedReply(request, id, { status: 'Accepted', [report.subject]: 'Pending' });
}

/** 202 with the URL to poll. The body of a poll is undocumented, and clients have no business in it. */
function acceptedReply({ scope, exchange }: ArmRequest, operation: string, body?: object): Reply {
  const path =
    `/subscriptions/${scope.subscriptionId}/providers/Microsoft.ContainerRegistry` +
    `/locations/${scope.location}/operationResults/${operation}`;
  const headers = {
    location: `${exchange.origin}${path}?api-version=${encodeURIComponent(exchange.query.get('api-version') ?? '')}`,
    'retry-after': String(scope.retryAfterSeconds),
    'x-ms-ratelimit-remaining-subscription-writes': '1199',
  };
  return body === undefined ? { status: 202, headers } : jsonReply(202, body, headers);
}

function registryOf({ scope, parameters }: ArmRequest): Registry {
  if (!sameName(parameters.get('group'), scope.resourceGroup)) {
    throw new ArmError(
      'ResourceGroupNotFound',
      `Resource group '${parameters.get('group')}' could not be found.`,
    );
  }
  const found = registryByName(scope, parameters.get('registry'));
  if (found !== undefined) return found;
  throw new ArmError('ResourceNotFound', `The registry '${parameters.get('registry')}' was not found.`);
}

function forbidden(request: ArmRequest, found: Registry, action: string): ArmError {
  return new ArmError(
    'AuthorizationFailed',
    `The client '${request.objectId}' does not have authorization to perform action ` +
      `'Microsoft.ContainerRegistry/registries/${action}' over scope '${resourceIdOf(request.scope, found)}'.`,
  );
}
