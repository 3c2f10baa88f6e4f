import type { Caller } from '../auth/caller.js';
import type { Registry } from '../registry/registry.js';
import type { StoredManifest } from '../registry/stored-image.js';
import type { PushAction } from '../webhooks/webhook-event.js';

/** Whether everyone with the right to pull may have the manifest. Without quarantine that is always so. */
export function isReleased(registry: Pick<Registry, 'quarantine'>, manifest: StoredManifest): boolean {
  return !registry.quarantine || manifest.quarantine?.state === 'Passed';
}

/** Whether this caller may see the manifest, released or not. */
export function maySee(
  registry: Pick<Registry, 'quarantine'>,
  caller: Caller,
  found: { repository: string; manifest: StoredManifest },
): boolean {
  return isReleased(registry, found.manifest) || caller.may(found.repository, 'quarantine_read');
}

/**
 * The quarantine entry of a manifest after a push. A verdict stands for bytes, and the same bytes pushed again keep
 * theirs (belief: Azure does not document it).
 */
export function quarantineAfterPush(
  registry: Pick<Registry, 'quarantine'>,
  former: StoredManifest | undefined,
  tag: string | undefined,
): StoredManifest['quarantine'] {
  const entry = former?.quarantine;
  if (entry === undefined && !registry.quarantine) return undefined;
  return { state: 'Quarantined', ...entry, ...(tag === undefined ? {} : { tag }) };
}

/**
 * What a push announces. Documented: both without quarantine, and only `quarantine` with it. A push of bytes that
 * have passed before makes a new tag pullable at once, so it announces `push` (belief).
 */
export function announcedByPush(
  registry: Pick<Registry, 'quarantine'>,
  manifest: StoredManifest,
): readonly PushAction[] {
  if (!registry.quarantine) return ['quarantine', 'push'];
  return isReleased(registry, manifest) ? ['push'] : ['quarantine'];
}
