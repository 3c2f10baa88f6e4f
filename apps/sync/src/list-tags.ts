import { listAcrTags } from '@pratique/acr';
import type { RepositoryName } from '@pratique/contracts';
import { isAzureRegistry } from '@pratique/registries';
import { type CopySide, onSide } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import { clientAt } from './move.js';
import type { ListedTag } from './newest-tags.js';

/**
 * Every tag of a repository, with all that the registry's listing tells of it: one request for each thousand tags. A repository
 * that does not exist has none.
 *
 * @throws OciError of that side
 */
export async function listTags(
  connection: RegistryConnection,
  { repository, side }: { repository: RepositoryName; side: CopySide },
  signal: AbortSignal,
): Promise<ListedTag[]> {
  return await onSide(side, () => collectTags(connection, { repository, side }, signal));
}

async function collectTags(
  connection: RegistryConnection,
  { repository, side }: { repository: RepositoryName; side: CopySide },
  signal: AbortSignal,
): Promise<ListedTag[]> {
  const client = clientAt(side, connection);
  const tags: ListedTag[] = [];
  if (isAzureRegistry(connection.settings)) {
    for await (const tag of listAcrTags(client, repository, { signal })) tags.push(tag);
  } else {
    for await (const tag of client.tags(repository, { signal })) tags.push({ tag });
  }
  return tags;
}
