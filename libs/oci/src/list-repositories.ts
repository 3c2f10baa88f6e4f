import { RepositoryName } from '@pratique/contracts';
import { z } from 'zod';
import { readJson } from './read-json.js';
import { type PageSender, readPages } from './read-pages.js';

const pageSize = 1000;

// Names that the specification does not know are somebody else's, such as those of an older schema: they are left out.
const Catalog = z.object({ repositories: z.array(z.string()).nullable() });

export interface RepositoryListing {
  maxPages?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Every repository of a registry, in its order. The catalog is no part of the OCI specification, and hosted registries refuse
 * it: https://distribution.github.io/distribution/spec/api/#catalog
 *
 * @throws OciError `not-found`, `access-refused` or `not-authenticated` where there is no catalog for us
 */
export async function* listRepositories(
  registry: PageSender,
  { maxPages, signal }: RepositoryListing = {},
): AsyncGenerator<RepositoryName> {
  const operation = 'list-repositories';
  const pages = readPages(
    registry,
    {
      operation,
      method: 'GET',
      path: `/v2/_catalog?n=${pageSize}`,
      scopes: ['registry:catalog:*'],
      expect: [200],
      signal,
    },
    maxPages,
  );
  for await (const { bytes } of pages) {
    for (const name of readJson(bytes, Catalog, operation).repositories ?? []) {
      const repository = RepositoryName.safeParse(name);
      if (repository.success) yield repository.data;
    }
  }
}
