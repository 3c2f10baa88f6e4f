import { jsonReply, type Reply } from '../http/exchange.js';
import { readBody } from '../http/read-body.js';
import type { PathParameters } from '../http/route.js';
import { requireDigest } from '../registry/image-names.js';
import { cutPage } from '../registry/page.js';
import { RegistryError } from '../registry/registry-error.js';
import {
  needs,
  type RegistryAccess,
  type RegistryRequest,
  type RegistryRoute,
} from '../registry/registry-route.js';
import type { StoredManifest } from '../registry/stored-image.js';
import { webhookRequestOf } from '../webhooks/webhook-event.js';
import { changeQuarantine, parseQuarantineChange } from './change-quarantine.js';
import { maySee } from './quarantine-rules.js';

const listPattern = /^\/acr\/v1\/(?<repository>.+)\/_manifests$/;
const itemPattern = /^\/acr\/v1\/(?<repository>.+)\/_manifests\/(?<digest>[^/]+)$/;

/** A change of attributes is a few hundred bytes; quarantineDetails has a bound of its own. */
const maxAttributesBytes = 64 * 1024;

/**
 * Azure's manifest attributes, of which the emulator keeps the quarantine state. Without quarantine_read, images in
 * quarantine are left out of the list and refused one by one, as in the distribution API (belief).
 */
export const manifestAttributeRoutes: readonly RegistryRoute[] = [
  { methods: ['GET'], pattern: listPattern, access: needs('metadata_read'), handle: listManifests },
  { methods: ['GET'], pattern: itemPattern, access: readsAttributes, handle: readAttributes },
  { methods: ['PATCH'], pattern: itemPattern, access: changesAttributes, handle: changeAttributes },
];

/** Public clients of this call ask for metadata_read, the quarantine documentation for pull: both open it. */
function readsAttributes(parameters: PathParameters): RegistryAccess {
  const repository = parameters.get('repository');
  return { repository, scope: ['pull', 'metadata_read'], oneOf: ['metadata_read', 'pull'] };
}

/**
 * The documentation asks for `pull,push` to change the state, other clients for `metadata_write`, and no source
 * tells what Azure's challenge says; so it names them all, and either kind of token is taken.
 */
function changesAttributes(parameters: PathParameters): RegistryAccess {
  return {
    repository: parameters.get('repository'),
    scope: ['pull', 'push', 'metadata_read', 'metadata_write'],
    oneOf: ['metadata_write', 'push'],
  };
}

function listManifests({ registry, exchange, parameters, caller }: RegistryRequest): Reply {
  const repository = parameters.get('repository');
  if (!registry.repositories.exists(repository)) {
    throw new RegistryError('NAME_UNKNOWN', 'The repository is not in this registry.');
  }
  const visible = registry.repositories
    .manifests(repository)
    .filter((manifest) => maySee(registry, caller, { repository, manifest }));
  const page = cutPage(exchange, inOrder(visible, exchange.query.get('orderby')), ({ digest }) => digest);
  const manifests = page.items.map((manifest) => describeManifest(registry, repository, manifest));
  const body = { registry: registry.loginServer, imageName: repository, manifests };
  return jsonReply(200, body, page.headers);
}

function inOrder(manifests: StoredManifest[], order: string | null): StoredManifest[] {
  if (order !== 'timeasc' && order !== 'timedesc') return manifests;
  const ascending = manifests.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
  return order === 'timeasc' ? ascending : ascending.reverse();
}

function readAttributes(request: RegistryRequest): Reply {
  const { registry, parameters, caller } = request;
  const manifest = knownManifest(request);
  if (!maySee(registry, caller, { repository: parameters.get('repository'), manifest })) {
    throw new RegistryError('IMAGE_QUARANTINED', 'The image is quarantined.');
  }
  return attributesReply(request, manifest);
}

async function changeAttributes(request: RegistryRequest): Promise<Reply> {
  const { registry, exchange, parameters, caller } = request;
  const repository = parameters.get('repository');
  const change = parseQuarantineChange(await readBody(exchange.body, maxAttributesBytes));
  if (!caller.may(repository, 'quarantine_write')) {
    throw new RegistryError('DENIED', 'Changing the quarantine state takes the role AcrQuarantineWriter.');
  }
  return registry.repositories.inTurn(repository, async () => {
    const manifest = knownManifest(request);
    const changed = await changeQuarantine(registry, {
      repository,
      manifest,
      change,
      request: webhookRequestOf(exchange),
    });
    return attributesReply(request, changed);
  });
}

function knownManifest({ registry, parameters }: RegistryRequest): StoredManifest {
  const manifest = registry.repositories.manifest(
    parameters.get('repository'),
    requireDigest(parameters.get('digest')),
  );
  if (manifest === undefined)
    throw new RegistryError('MANIFEST_UNKNOWN', 'The manifest is not in this repository.');
  return manifest;
}

function attributesReply({ registry, parameters }: RegistryRequest, manifest: StoredManifest): Reply {
  const repository = parameters.get('repository');
  return jsonReply(200, {
    registry: registry.loginServer,
    imageName: repository,
    manifest: describeManifest(registry, repository, manifest),
  });
}

function describeManifest(
  registry: RegistryRequest['registry'],
  repository: string,
  manifest: StoredManifest,
): Record<string, unknown> {
  const tags = registry.repositories.tags(repository).filter(({ digest }) => digest === manifest.digest);
  return {
    digest: manifest.digest,
    imageSize: manifest.size,
    createdTime: manifest.createdAt,
    lastUpdateTime: manifest.updatedAt,
    mediaType: manifest.mediaType,
    configMediaType: manifest.configMediaType,
    tags: tags.length === 0 ? undefined : tags.map(({ name }) => name),
    quarantineTag: manifest.quarantine?.state === 'Passed' ? undefined : manifest.quarantine?.tag,
    changeableAttributes: {
      deleteEnabled: true,
      writeEnabled: true,
      listEnabled: true,
      readEnabled: true,
      quarantineState: manifest.quarantine?.state,
      quarantineDetails: manifest.quarantine?.details,
    },
  };
}
