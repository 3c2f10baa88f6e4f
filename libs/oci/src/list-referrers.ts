import { type Digest, digestAlgorithm, type RepositoryName, Tag } from '@pratique/contracts';
import { z } from 'zod';
import { Descriptor } from './descriptor.js';
import { isIndex } from './manifest.js';
import { OciError } from './oci-error.js';
import { readJson } from './read-json.js';
import { readPages } from './read-pages.js';
import type { RegistryTransport } from './registry-transport.js';
import { repositoryScope } from './token-scopes.js';
import { getManifest } from './transfer-manifest.js';

/** Far more signatures and SBOMs than an image has; a list that is longer is an attack or a fault. */
export const maxReferrers = 1000;

const ReferrersAnswer = z.object({ manifests: z.array(Descriptor).nullable() });

/** What registries without the API answer: 404 by the specification, 400 or 405 in practice. */
const withoutApi = [400, 404, 405];

export interface ReferrersQuestion {
  repository: RepositoryName;
  digest: Digest;
  signal?: AbortSignal | undefined;
}

/**
 * The signatures, SBOMs and other artifacts that name a manifest as their subject: from the referrers API, else from
 * the fallback tag. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function listReferrers(
  transport: RegistryTransport,
  question: ReferrersQuestion,
): Promise<Descriptor[]> {
  const { repository, digest, signal } = question;
  const operation = 'list-referrers';
  const pages = readPages(transport, {
    operation,
    method: 'GET',
    path: `/v2/${repository}/referrers/${digest}`,
    scopes: [repositoryScope(repository, 'pull')],
    expect: [200, ...withoutApi],
    signal,
  });
  const found: Descriptor[] = [];
  for await (const { response, bytes } of pages) {
    if (response.status !== 200) return await listByFallbackTag(transport, question);
    found.push(...(readJson(bytes, ReferrersAnswer, operation).manifests ?? []));
    requireFewReferrers(found);
  }
  return found;
}

/**
 * The tag under which clients keep the list where the registry does not.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function fallbackTag(digest: Digest): Tag {
  const algorithm = digestAlgorithm(digest);
  return Tag.parse(`${algorithm}-${digest.slice(algorithm.length + 1, algorithm.length + 65)}`);
}

async function listByFallbackTag(
  transport: RegistryTransport,
  { repository, digest, signal }: ReferrersQuestion,
): Promise<Descriptor[]> {
  try {
    const list = await getManifest(transport, { repository, reference: fallbackTag(digest), signal });
    const found = isIndex(list.document) ? list.document.manifests : [];
    requireFewReferrers(found);
    return found;
  } catch (error) {
    if (error instanceof OciError && error.code === 'not-found') return [];
    throw error;
  }
}

function requireFewReferrers(found: readonly Descriptor[]): void {
  if (found.length <= maxReferrers) return;
  throw new OciError(`The image has more than ${maxReferrers} referrers.`, {
    code: 'limit-exceeded',
    operation: 'list-referrers',
  });
}
