import { listAcrTags } from '@pratique/acr';
import type { RepositoryName } from '@pratique/contracts';
import { isAzureRegistry } from '@pratique/registries';
import type { RegistryConnection } from '@pratique/registry-access';
import type { ListedTag } from './newest-tags.js';

/**
 * Every tag of a repository, with all that the registry's listing tells of it: one request for each thousand tags. A repository
 * that does not exist has none.
 *
 * @throws OciError
 */
export async function listTags(
  { settings, client }: RegistryConnection,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<ListedTag[]> {
  const tags: ListedTag[] = [];
  if (isAzureRegistry(settings)) {
    for await (const tag of listAcrTags(client, repository, { signal })) tags.push(tag);
  } else {
    for await (const tag of client.tags(repository, { signal })) tags.push({ tag });
  }
  return tags;
}
