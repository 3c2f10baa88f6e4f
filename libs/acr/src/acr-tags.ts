import { Digest, type RepositoryName, Tag } from '@pratique/contracts';
import { type CallOptions, readJson, readPages, type RegistryClient, repositoryScope } from '@pratique/oci';
import { z } from 'zod';

// Azure gives 100 where nothing is asked for; the emulator and the portal's own calls go up to 1000.
const pageSize = 1000;

const TagPage = z.object({
  tags: z.array(z.object({ name: Tag, digest: Digest, lastUpdateTime: z.string().optional() })).nullish(),
});

/** A tag with what Azure knows about it. */
export interface AcrTag {
  tag: Tag;
  digest: Digest;
  /** ISO 8601: when it was moved last. */
  updatedAt?: string;
}

/**
 * Every tag of a repository with the digest that it names: one request for a page of them, where the distribution
 * specification needs one for each. A repository that does not exist has none.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/get-list
 */
export async function* listAcrTags(
  client: RegistryClient,
  repository: RepositoryName,
  { signal, maxPages }: CallOptions & { maxPages?: number } = {},
): AsyncGenerator<AcrTag> {
  const operation = 'list-tags';
  const pages = readPages(
    client,
    {
      operation,
      method: 'GET',
      path: `/acr/v1/${repository}/_tags?n=${pageSize}`,
      scopes: [repositoryScope(repository, 'pull'), `repository:${repository}:metadata_read`],
      expect: [200, 404],
      signal,
    },
    maxPages,
  );
  for await (const { response, bytes } of pages) {
    if (response.status === 404) return;
    for (const { name, digest, lastUpdateTime } of readJson(bytes, TagPage, operation).tags ?? [])
      yield { tag: name, digest, ...(lastUpdateTime !== undefined && { updatedAt: lastUpdateTime }) };
  }
}

/**
 * Takes a tag away and leaves its manifest, as `az acr repository untag` does: Azure's distribution API deletes manifests only.
 * https://learn.microsoft.com/rest/api/containerregistry/tag/delete
 *
 * @returns false when there was none
 */
export async function untagAcr(
  client: RegistryClient,
  repository: RepositoryName,
  { tag, signal }: CallOptions & { tag: Tag },
): Promise<boolean> {
  const response = await client.send({
    operation: 'delete-tag',
    method: 'DELETE',
    path: `/acr/v1/${repository}/_tags/${tag}`,
    scopes: [repositoryScope(repository, 'delete')],
    expect: [200, 202, 404],
    signal,
  });
  await response.body.dump();
  return response.status !== 404;
}
