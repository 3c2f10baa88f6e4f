import { z } from 'zod';
import { cloudEventAttributes } from './cloud-event.js';
import { Digest } from './digest.js';
import { formatImage } from './image-reference.js';
import { RegistryName, RepositoryName, Tag } from './image-name.js';

/** What happened to an image in a registry: something for Pratique to act on. Carried by Service Bus. */
export const registryEventType = {
  pushed: 'io.pratique.image.pushed.v1',
  deleted: 'io.pratique.image.deleted.v1',
  quarantined: 'io.pratique.image.quarantined.v1',
  cleared: 'io.pratique.image.cleared.v1',
  approved: 'io.pratique.image.approved.v1',
} as const;
export type RegistryEventName = keyof typeof registryEventType;
export type RegistryEventType = (typeof registryEventType)[RegistryEventName];

/** How a reconciliation found what it tells of. */
export const Reconciled = z.object({
  /** The sync rule whose source and target were compared. */
  rule: z.string().max(255),
  /** The registry that was compared with the event's. */
  target: RegistryName,
  /** What the target showed: nothing, another image, or an image that the source has no more. */
  found: z.enum(['missing', 'different', 'left-over']),
  at: z.iso.datetime({ offset: true }),
  /** Who gave the word for deletions that the rule's bound would hold back. */
  orderedBy: z.string().min(1).max(255).optional(),
});
export type Reconciled = z.infer<typeof Reconciled>;

const imageData = {
  registry: RegistryName,
  repository: RepositoryName,
  tag: Tag.optional(),
  /** Absent where the sender gives none (Docker Hub, Quay): whoever acts resolves the tag then. */
  digest: Digest.optional(),
  mediaType: z.string().max(255).optional(),
  artifactType: z.string().max(255).optional(),
  /** Bytes of the manifest, not of the image. */
  size: z.int().nonnegative().optional(),
  actor: z.string().max(255).optional(),
  occurredAt: z.iso.datetime({ offset: true }),
  receivedAt: z.iso.datetime({ offset: true }),
  /** The sender's own id of the delivery or event, for looking things up on its side. */
  senderEventId: z.string().max(255).optional(),
  /**
   * Which run of a program sent this, for senders that keep undelivered notifications in memory (CNCF Distribution). A
   * value that was not seen before means that the registry was started since, and that what it had not delivered by then
   * is lost: sync reconciles the registry. Several replicas send one value each, in turn.
   */
  senderInstance: z.string().max(255).optional(),
  /**
   * Set where no registry told of it: a comparison of two registries found it, so a webhook was lost, came too early to be
   * acted on, or was never sent.
   */
  reconciled: Reconciled.optional(),
};

/** A verdict or an approval is about bytes, so these always name a digest. */
const decidedImageData = {
  ...imageData,
  digest: Digest,
  /** The scan policy or promotion rule that decided. */
  decidedBy: z.string().max(255),
};

export const ImageEventData = z.object(imageData);
export type ImageEventData = z.infer<typeof ImageEventData>;
export const DecidedImageData = z.object(decidedImageData);
export type DecidedImageData = z.infer<typeof DecidedImageData>;

const attributes = { ...cloudEventAttributes, source: RegistryName };

export const ImagePushed = z.object({
  ...attributes,
  type: z.literal(registryEventType.pushed),
  data: ImageEventData,
});
export type ImagePushed = z.infer<typeof ImagePushed>;
export const ImageDeleted = z.object({
  ...attributes,
  type: z.literal(registryEventType.deleted),
  data: ImageEventData,
});
export type ImageDeleted = z.infer<typeof ImageDeleted>;
export const ImageQuarantined = z.object({
  ...attributes,
  type: z.literal(registryEventType.quarantined),
  data: ImageEventData,
});
export type ImageQuarantined = z.infer<typeof ImageQuarantined>;
export const ImageCleared = z.object({
  ...attributes,
  type: z.literal(registryEventType.cleared),
  data: DecidedImageData,
});
export type ImageCleared = z.infer<typeof ImageCleared>;
export const ImageApproved = z.object({
  ...attributes,
  type: z.literal(registryEventType.approved),
  data: DecidedImageData,
});
export type ImageApproved = z.infer<typeof ImageApproved>;

export const RegistryEvent = z.discriminatedUnion('type', [
  ImagePushed,
  ImageDeleted,
  ImageQuarantined,
  ImageCleared,
  ImageApproved,
]);
export type RegistryEvent = z.infer<typeof RegistryEvent>;

/** An event's subject: the bytes where they are known, else the tag, else the repository. */
export function imageSubject(image: Pick<ImageEventData, 'repository' | 'tag' | 'digest'>): string {
  const { repository, tag, digest } = image;
  return formatImage(digest === undefined ? { repository, tag } : { repository, digest });
}
