import type { Digest, RegistryEvent } from '@pratique/contracts';
import { listRepositories } from '@pratique/oci';
import type { RegistryConnection } from '@pratique/registry-access';
import type { Quarantine } from '../quarantine/quarantine.js';
import { isReferrersTag } from '../referrers-list.js';
import { rescanEvent } from './rescan-event.js';
import type { RescanRule } from './rescan-rule.js';

export interface DueImages {
  connection: RegistryConnection;
  quarantine: Quarantine | undefined;
  rule: RescanRule;
  /** Why they are due; workers that ask at the same time have the same. */
  reason: string;
  at: Date;
  signal: AbortSignal;
}

// cosign's signatures and the like: judged with their image.
const attachedTag = /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/;

/**
 * The events by which the images of a rule are scanned again: everything that a tag names, once. What only a digest names is
 * part of an index, or is pulled by nobody who does not know it already.
 *
 * @throws OciError, the signal's reason
 */
export async function* listDueImages(due: DueImages): AsyncGenerator<RegistryEvent> {
  const { connection, quarantine, rule, reason, at, signal } = due;
  const { client } = connection;
  for await (const repository of listRepositories(client, { signal })) {
    const known = quarantine === undefined ? repository : quarantine.destination(repository);
    if (known === undefined || !rule.applies(known)) continue;
    const seen = new Set<Digest>();
    for await (const tag of client.tags(repository, { signal })) {
      if (isReferrersTag(tag) || attachedTag.test(tag)) continue;
      const found = await client.resolve(repository, tag, { signal });
      if (found === undefined || seen.has(found.digest)) continue;
      seen.add(found.digest);
      const { digest } = found;
      const announcedBy = quarantine?.announcedBy ?? 'pushed';
      const { registry } = rule;
      yield rescanEvent({ registry, repository, digest, tag, announcedBy, reason, at });
    }
  }
}
