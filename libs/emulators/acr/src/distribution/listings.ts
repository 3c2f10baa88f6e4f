import { jsonReply, type Reply } from '../http/exchange.js';
import { maySee } from '../quarantine/quarantine-rules.js';
import { cutPage } from '../registry/page.js';
import { RegistryError } from '../registry/registry-error.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';

/** Lists of tags and repositories. Azure wants metadata_read for tags where others are content with pull. */
export const listingRoutes: readonly RegistryRoute[] = [
  {
    methods: ['GET'],
    pattern: /^\/(?:v2|acr\/v1)\/_catalog$/,
    access: () => 'catalog',
    handle: listRepositories,
  },
  {
    methods: ['GET'],
    pattern: /^\/v2\/(?<repository>.+)\/tags\/list$/,
    access: needs('metadata_read'),
    handle: listTags,
  },
];

function listRepositories({ registry, exchange }: RegistryRequest): Reply {
  const page = cutPage(exchange, registry.repositories.names(), (name) => name);
  return jsonReply(200, { repositories: page.items }, page.headers);
}

function listTags({ registry, exchange, parameters, caller }: RegistryRequest): Reply {
  const repository = parameters.get('repository');
  if (!registry.repositories.exists(repository)) {
    throw new RegistryError('NAME_UNKNOWN', 'The repository is not in this registry.');
  }
  const names = registry.repositories
    .tags(repository)
    .filter(({ digest }) => {
      const manifest = registry.repositories.manifest(repository, digest);
      return manifest !== undefined && maySee(registry, caller, { repository, manifest });
    })
    .map(({ name }) => name);
  const page = cutPage(exchange, names, (name) => name);
  return jsonReply(200, { name: repository, tags: page.items }, page.headers);
}
