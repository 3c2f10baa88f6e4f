import type { Digest, RepositoryName } from '@pratique/contracts';
import { z } from 'zod';
import { fallbackTag } from './list-referrers.js';
import { isIndex, type Manifest } from './manifest.js';
import { mediaType } from './media-types.js';
import { OciError } from './oci-error.js';
import type { RegistryClient } from './registry-client.js';

/** Entries of other clients are kept as they are, also the fields that we do not know. */
const FallbackIndex = z.looseObject({ manifests: z.array(z.looseObject({ digest: z.string() })) });
type FallbackIndex = z.infer<typeof FallbackIndex>;

export interface ReferrerRecord {
  repository: RepositoryName;
  subject: Digest;
  referrer: Manifest;
  signal?: AbortSignal | undefined;
}

/** Writers of one process take turns; the specification has no answer for writers of several. */
const turns = new WeakMap<RegistryClient, Promise<void>>();

/**
 * Lists a manifest under its subject in a registry that does not do so itself: reads the index at the fallback tag,
 * adds the manifest, writes it back.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
 */
export async function recordReferrer(client: RegistryClient, record: ReferrerRecord): Promise<void> {
  const turn = (turns.get(client) ?? Promise.resolve()).then(() => addToIndex(client, record));
  turns.set(
    client,
    turn.catch(() => undefined),
  );
  await turn;
}

async function addToIndex(client: RegistryClient, record: ReferrerRecord): Promise<void> {
  const { repository, subject, referrer, signal } = record;
  const tag = fallbackTag(subject);
  const index = await readIndex(client, record);
  const { digest } = referrer.descriptor;
  if (index.manifests.some((entry) => entry.digest === digest)) return;
  const bytes = Buffer.from(
    JSON.stringify({ ...index, manifests: [...index.manifests, describeReferrer(referrer)] }),
  );
  await client.putManifest(repository, tag, { bytes, mediaType: mediaType.ociIndex, signal });
}

async function readIndex(
  client: RegistryClient,
  { repository, subject, signal }: ReferrerRecord,
): Promise<FallbackIndex> {
  try {
    const { bytes } = await client.manifest(repository, fallbackTag(subject), { signal });
    return FallbackIndex.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof OciError && error.code === 'not-found') return emptyIndex();
    throw error;
  }
}

function emptyIndex(): FallbackIndex {
  return { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] };
}

/** As the referrers API would list it. */
function describeReferrer({ descriptor, document }: Manifest): FallbackIndex['manifests'][number] {
  const type = document.artifactType ?? (isIndex(document) ? undefined : document.config.mediaType);
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    ...(type !== undefined && { artifactType: type }),
    ...(document.annotations && { annotations: document.annotations }),
  };
}
