import { type RepositoryName, Tag } from '@pratique/contracts';
import { z } from 'zod';
import { readJson } from './read-json.js';
import { readPages } from './read-pages.js';
import type { RegistryTransport } from './registry-transport.js';
import { repositoryScope } from './token-scopes.js';

const pageSize = 1000;

// Registries written in Go send null for an empty list.
const TagList = z.object({ tags: z.array(Tag).nullable() });

export interface TagListing {
  repository: RepositoryName;
  maxPages?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Every tag of a repository, in the registry's order. A repository that does not exist has none. */
export async function* listTags(transport: RegistryTransport, listing: TagListing): AsyncGenerator<Tag> {
  const { repository, signal, maxPages } = listing;
  const operation = 'list-tags';
  const pages = readPages(
    transport,
    {
      operation,
      method: 'GET',
      path: `/v2/${repository}/tags/list?n=${pageSize}`,
      scopes: [repositoryScope(repository, 'pull')],
      expect: [200, 404],
      signal,
    },
    maxPages,
  );
  for await (const { response, bytes } of pages) {
    if (response.status === 404) return;
    yield* readJson(bytes, TagList, operation).tags ?? [];
  }
}
