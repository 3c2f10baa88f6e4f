import { jsonReply, type Reply } from '../http/exchange.js';
import { maySee } from '../quarantine/quarantine-rules.js';
import { cutPage } from '../registry/page.js';
import { RegistryError } from '../registry/registry-error.js';
import { needs, type RegistryRequest, type RegistryRoute } from '../registry/registry-route.js';

/**
 * Azure's tags with their digests and times, and taking a tag away without its manifest. Azure tells no webhook of the latter.
 * https://learn.microsoft.com/rest/api/containerregistry/tag
 */
export const tagAttributeRoutes: readonly RegistryRoute[] = [
  {
    methods: ['GET'],
    pattern: /^\/acr\/v1\/(?<repository>.+)\/_tags$/,
    access: needs('metadata_read'),
    handle: listTags,
  },
  {
    methods: ['DELETE'],
    pattern: /^\/acr\/v1\/(?<repository>.+)\/_tags\/(?<tag>[^/]+)$/,
    access: needs('delete'),
    handle: deleteTag,
  },
];

function listTags({ registry, exchange, parameters, caller }: RegistryRequest): Reply {
  const repository = parameters.get('repository');
  if (!registry.repositories.exists(repository)) {
    throw new RegistryError('NAME_UNKNOWN', 'The repository is not in this registry.');
  }
  const visible = registry.repositories.tags(repository).filter(({ digest }) => {
    const manifest = registry.repositories.manifest(repository, digest);
    return manifest !== undefined && maySee(registry, caller, { repository, manifest });
  });
  const page = cutPage(exchange, visible, ({ name }) => name);
  const tags = page.items.map(({ name, digest, createdAt, updatedAt }) => ({
    name,
    digest,
    createdTime: createdAt,
    lastUpdateTime: updatedAt,
    signed: false,
    changeableAttributes: { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true },
  }));
  const body = { registry: registry.loginServer, imageName: repository, tags };
  return jsonReply(200, body, page.headers);
}

async function deleteTag({ registry, parameters }: RegistryRequest): Promise<Reply> {
  const repository = parameters.get('repository');
  const tag = parameters.get('tag');
  return registry.repositories.inTurn(repository, async () => {
    if (registry.repositories.tag(repository, tag) === undefined)
      throw new RegistryError('MANIFEST_UNKNOWN', 'There is no such tag in this repository.');
    await registry.repositories.removeTag(repository, tag);
    return { status: 202 };
  });
}
