import type { AcrQuarantine } from '@pratique/acr';
import {
  type Digest,
  heardRegistryEvent,
  type RegistryEvent,
  type RegistryName,
  type RepositoryName,
  type Tag,
} from '@pratique/contracts';
import { listRepositories, type RegistryClient } from '@pratique/oci';

/** One manifest that a registry will keep back as soon as its quarantine is switched on, or does so now. */
export interface BacklogImage {
  repository: RepositoryName;
  digest: Digest;
  tag: Tag | undefined;
  verdict: 'passed' | 'failed' | 'pending';
  /** What the verdict says of itself. */
  details: string | undefined;
}

export interface BacklogQuestion {
  client: RegistryClient;
  quarantine: Pick<AcrQuarantine, 'list'>;
  applies: (repository: string) => boolean;
  onProgress: (seen: number) => void;
}

/** Every manifest with its verdict, in the repositories that are asked for. @throws OciError */
export async function listBacklog(question: BacklogQuestion): Promise<BacklogImage[]> {
  const images: BacklogImage[] = [];
  for await (const repository of listRepositories(question.client)) {
    if (!question.applies(repository)) continue;
    for await (const { digest, tags, verdict, details } of question.quarantine.list(repository)) {
      images.push({ repository, digest, tag: tags[0], verdict, details });
      question.onProgress(images.length);
    }
  }
  return images;
}

/**
 * The event that has scan look at an image. The run is part of its id: what one run asks for twice is one event, and another
 * run asks anew.
 */
export function backlogEvent(
  registry: RegistryName,
  { repository, digest, tag }: BacklogImage,
  { run, at }: { run: string; at: Date },
): RegistryEvent {
  const time = at.toISOString();
  return heardRegistryEvent({
    name: 'quarantined',
    identity: ['backfill', repository, digest, run],
    data: {
      ...{ registry, repository, digest, occurredAt: time, receivedAt: time },
      ...{ actor: 'pratique', senderEventId: `backfill-${run}` },
      ...(tag && { tag }),
    },
  });
}

export function keyOf({ repository, digest }: Pick<BacklogImage, 'repository' | 'digest'>): string {
  return `${repository}@${digest}`;
}
