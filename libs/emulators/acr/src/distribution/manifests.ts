import type { Reply } from '../http/exchange.js';
import { readBody } from '../http/read-body.js';
import { isReleased } from '../quarantine/quarantine-rules.js';
import { isDigest, requireReference, sha256Of } from '../registry/image-names.js';
import { RegistryError } from '../registry/registry-error.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';
import { storeManifest } from '../registry/store-manifest.js';
import type { StoredManifest } from '../registry/stored-image.js';
import { webhookRequestOf } from '../webhooks/webhook-event.js';
import { acceptsMediaType, withoutParameters } from './accept.js';
import { maxManifestBytes } from './manifest-content.js';

const pattern = /^\/v2\/(?<repository>.+)\/manifests\/(?<reference>[^/]+)$/;

/** Pulling, pushing and deleting manifests, with quarantine in front of pulls. */
export const manifestRoutes: readonly RegistryRoute[] = [
  { methods: ['GET', 'HEAD'], pattern, access: needs('pull'), handle: readManifest },
  { methods: ['PUT'], pattern, access: needs('push'), handle: putManifest },
  { methods: ['DELETE'], pattern, access: needs('delete'), handle: deleteManifest },
];

async function readManifest(request: RegistryRequest): Promise<Reply> {
  const { registry, exchange } = request;
  const manifest = visibleManifest(request);
  if (!acceptsMediaType(exchange.headers.accept, manifest.mediaType)) {
    throw unknownManifest(`The manifest is a ${manifest.mediaType}, which the Accept header does not name.`);
  }
  const headers = {
    'content-type': manifest.mediaType,
    'content-length': `${manifest.size}`,
    'docker-content-digest': manifest.digest,
    etag: `"${manifest.digest}"`,
  };
  if (exchange.method === 'HEAD') return { status: 200, headers };
  return { status: 200, headers, body: await registry.content.read(manifest.digest) };
}

/** Quarantine hides the tag altogether but admits that the digest is there (Azure/acr issue 210). */
function visibleManifest({ registry, parameters, caller }: RegistryRequest): StoredManifest {
  const repository = parameters.get('repository');
  const reference = requireReference(parameters.get('reference'));
  const manifest = registry.repositories.resolve(repository, reference);
  if (manifest === undefined) throw unknownManifest(`There is no ${reference} in this repository.`);
  if (isReleased(registry, manifest) || caller.may(repository, 'quarantine_read')) return manifest;
  if (isDigest(reference)) throw new RegistryError('IMAGE_QUARANTINED', 'The image is quarantined.');
  throw unknownManifest(`There is no ${reference} in this repository.`);
}

async function putManifest({ registry, exchange, parameters }: RegistryRequest): Promise<Reply> {
  const repository = parameters.get('repository');
  const reference = requireReference(parameters.get('reference'));
  const bytes = await readBody(exchange.body, maxManifestBytes);
  const digest = sha256Of(bytes);
  if (isDigest(reference) && reference !== digest) {
    const detail = { expected: reference, actual: digest };
    throw new RegistryError('DIGEST_INVALID', 'The manifest does not have the digest in the path.', {
      detail,
    });
  }
  const manifest = await storeManifest(registry, {
    repository,
    bytes,
    mediaType: withoutParameters(exchange.headers['content-type'] ?? ''),
    tags: isDigest(reference) ? [] : [reference],
    request: webhookRequestOf(exchange),
  });
  const subject = manifest.referrer?.subject;
  const headers = {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject === undefined ? {} : { 'oci-subject': subject }),
  };
  return { status: 201, headers };
}

/** By tag only the tag goes, and no webhook tells; by digest the manifest goes with all its tags. */
async function deleteManifest({ registry, exchange, parameters }: RegistryRequest): Promise<Reply> {
  const repository = parameters.get('repository');
  const reference = requireReference(parameters.get('reference'));
  return registry.repositories.inTurn(repository, async () => {
    const manifest = registry.repositories.resolve(repository, reference);
    if (manifest === undefined) throw unknownManifest(`There is no ${reference} in this repository.`);
    if (isDigest(reference)) {
      await registry.repositories.removeManifest(repository, manifest.digest);
      const request = webhookRequestOf(exchange);
      registry.webhooks.announce({ action: 'delete', repository, tag: undefined, manifest, request });
    } else {
      await registry.repositories.removeTag(repository, reference);
    }
    return { status: 202 };
  });
}

function unknownManifest(message: string): RegistryError {
  return new RegistryError('MANIFEST_UNKNOWN', message);
}
