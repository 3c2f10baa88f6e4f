import { type ManifestContent, parseManifest } from '../distribution/manifest-content.js';
import { announcedByPush, quarantineAfterPush } from '../quarantine/quarantine-rules.js';
import type { ContentStore } from '../storage/content-store.js';
import type { WebhookRequest } from '../webhooks/webhook-event.js';
import { sha256Of } from './image-names.js';
import { type Registry, timestamp } from './registry.js';
import { RegistryError } from './registry-error.js';
import type { StoredManifest } from './stored-image.js';

/** A manifest on its way in, by a push or an import. */
export interface ManifestPush {
  readonly repository: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** None for a push by digest. */
  readonly tags: readonly string[];
  /** What webhooks tell about the request behind it. */
  readonly request: WebhookRequest;
}

/** Checks a manifest, stores it, sets its tags and tells the webhooks: one door for pushes and imports. */
export function storeManifest(registry: Registry, push: ManifestPush): Promise<StoredManifest> {
  const content = parseManifest(push.bytes, push.mediaType);
  return registry.repositories.inTurn(push.repository, async () => {
    requireReferences(registry, push.repository, content);
    const manifest = describe(registry, push, content);
    await storeBytes(registry.content, manifest.digest, push.bytes);
    await registry.repositories.putManifest(push.repository, manifest);
    for (const tag of push.tags) await setTag(registry, push.repository, { tag, digest: manifest.digest });
    announce(registry, push, manifest);
    return manifest;
  });
}

/** Azure refuses a manifest whose parts are not there; only a subject may come later than what refers to it. */
function requireReferences(registry: Registry, repository: string, content: ManifestContent): void {
  const { repositories } = registry;
  const missing =
    content.blobs.find((digest) => !repositories.hasBlob(repository, digest)) ??
    content.manifests.find(
      (digest) =>
        repositories.manifest(repository, digest) === undefined && !repositories.hasBlob(repository, digest),
    );
  if (missing === undefined) return;
  const message = 'The manifest refers to something that is not in this repository. Push that first.';
  throw new RegistryError('MANIFEST_BLOB_UNKNOWN', message, { detail: { digest: missing } });
}

function describe(registry: Registry, push: ManifestPush, content: ManifestContent): StoredManifest {
  const digest = sha256Of(push.bytes);
  const former = registry.repositories.manifest(push.repository, digest);
  const now = timestamp(registry);
  const { subject, artifactType, annotations, configMediaType } = content;
  const quarantine = quarantineAfterPush(registry, former, push.tags.at(-1));
  return {
    digest,
    mediaType: push.mediaType,
    size: push.bytes.length,
    createdAt: former?.createdAt ?? now,
    updatedAt: now,
    ...(configMediaType === undefined ? {} : { configMediaType }),
    ...(subject === undefined ? {} : { referrer: { subject, artifactType, annotations } }),
    ...(quarantine === undefined ? {} : { quarantine }),
  };
}

async function storeBytes(content: ContentStore, digest: string, bytes: Buffer): Promise<void> {
  if ((await content.size(digest)) !== undefined) return;
  const staged = await content.stage();
  await staged.append(bytes);
  await staged.commit(digest);
}

async function setTag(
  registry: Registry,
  repository: string,
  { tag, digest }: { tag: string; digest: string },
): Promise<void> {
  const now = timestamp(registry);
  const createdAt = registry.repositories.tag(repository, tag)?.createdAt ?? now;
  await registry.repositories.putTag(repository, { name: tag, digest, createdAt, updatedAt: now });
}

/** One event per tag; a push by digest has one without. */
function announce(registry: Registry, push: ManifestPush, manifest: StoredManifest): void {
  const { repository, request } = push;
  for (const action of announcedByPush(registry, manifest)) {
    for (const tag of push.tags.length === 0 ? [undefined] : push.tags) {
      registry.webhooks.announce({ action, repository, tag, manifest, request });
    }
  }
}
