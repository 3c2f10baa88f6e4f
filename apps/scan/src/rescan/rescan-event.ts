import {
  heardRegistryEvent,
  imageSubject,
  type RegistryEvent,
  type RegistryName,
  type RepositoryName,
  type Digest,
  type Tag,
} from '@pratique/contracts';

export interface ImageToScanAgain {
  registry: RegistryName;
  repository: RepositoryName;
  digest: Digest;
  tag?: Tag | undefined;
  /** Which event tells of an image's arrival there. */
  announcedBy: 'quarantined' | 'pushed';
  /** Why it is scanned again, and when: what is asked for twice for one reason is one event. */
  reason: string;
  at: Date;
}

const actor = 'pratique';

/** The event by which an image is scanned again. */
export function rescanEvent(image: ImageToScanAgain): RegistryEvent {
  const { registry, repository, digest, tag, announcedBy, reason, at } = image;
  const time = at.toISOString();
  const data = { registry, repository, digest, ...(tag && { tag }), actor, senderEventId: reason };
  return heardRegistryEvent({
    name: announcedBy,
    data: { ...data, occurredAt: time, receivedAt: time },
    identity: ['scan-again', imageSubject({ repository, digest }), tag ?? '', reason],
  });
}

/** Whether an event is one of those, and no push of anybody. Only ingress and Pratique itself may publish. */
export function isRescan({ data }: RegistryEvent): boolean {
  return data.actor === actor && data.senderEventId?.startsWith('rescan') === true;
}
