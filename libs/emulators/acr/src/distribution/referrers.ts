import { jsonReply, type Reply } from '../http/exchange.js';
import { maySee } from '../quarantine/quarantine-rules.js';
import { requireDigest } from '../registry/image-names.js';
import { cutPage } from '../registry/page.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';
import type { StoredManifest } from '../registry/stored-image.js';

/** The referrers API: distribution specification 1.1, "Listing Referrers". */
export const referrerRoutes: readonly RegistryRoute[] = [
  {
    methods: ['GET'],
    pattern: /^\/v2\/(?<repository>.+)\/referrers\/(?<digest>[^/]+)$/,
    access: needs('pull'),
    handle: listReferrers,
  },
];

function listReferrers({ registry, exchange, parameters, caller }: RegistryRequest): Reply {
  const repository = parameters.get('repository');
  const subject = requireDigest(parameters.get('digest'));
  const artifactType = exchange.query.get('artifactType');
  const referrers = registry.repositories
    .manifests(repository)
    .filter(({ referrer }) => referrer?.subject === subject)
    .filter(({ referrer }) => artifactType === null || referrer?.artifactType === artifactType)
    .filter((manifest) => maySee(registry, caller, { repository, manifest }));
  const page = cutPage(exchange, referrers, ({ digest }) => digest);
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: page.items.map(descriptorOf),
  };
  return jsonReply(200, index, {
    ...page.headers,
    'content-type': index.mediaType,
    ...(artifactType === null ? {} : { 'oci-filters-applied': 'artifactType' }),
  });
}

function descriptorOf({ mediaType, digest, size, referrer }: StoredManifest): Record<string, unknown> {
  return {
    mediaType,
    digest,
    size,
    artifactType: referrer?.artifactType,
    annotations: referrer?.annotations,
  };
}
