import {
  DecidedImageData,
  decidedRegistryEvent,
  heardRegistryEvent,
  type ImageApproved,
  type ImageCleared,
  type ImageDeleted,
  ImageEventData,
  type ImagePushed,
  type ImageQuarantined,
  type OutcomeKind,
  type OutcomeOf,
  outcomeOfEvent,
  outcomeSchemas,
  type RegistryEvent,
} from '@pratique/contracts';
import type { z } from 'zod';

/** Fields of an event's data as plain text and numbers; the contract checks them. */
export type ImageDataInput = Partial<z.input<typeof ImageEventData>>;
export type DecidedDataInput = Partial<z.input<typeof DecidedImageData>>;

const at = '2026-01-02T03:04:05.000Z';

const imageData: z.input<typeof ImageEventData> = {
  registry: 'vendor',
  repository: 'team/app',
  tag: '1.0.0',
  digest: `sha256:${'a'.repeat(64)}`,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  size: 528,
  occurredAt: at,
  receivedAt: at,
};

/** A push as a registry would have told it. A field that is `undefined` is left out. */
export function anImagePushed(data: ImageDataInput = {}): ImagePushed {
  return heard('pushed', data) as ImagePushed;
}

export function anImageQuarantined(data: ImageDataInput = {}): ImageQuarantined {
  return heard('quarantined', data) as ImageQuarantined;
}

export function anImageDeleted(data: ImageDataInput = {}): ImageDeleted {
  return heard('deleted', data) as ImageDeleted;
}

/** A verdict on a pushed image; the push is its cause. */
export function anImageCleared(
  data: DecidedDataInput = {},
  cause: RegistryEvent = anImagePushed(),
): ImageCleared {
  return decided('cleared', data, cause) as ImageCleared;
}

export function anImageApproved(
  data: DecidedDataInput = {},
  cause: RegistryEvent = anImagePushed(),
): ImageApproved {
  return decided('approved', data, cause) as ImageApproved;
}

/** An outcome of acting on an event, with the first reason of its kind unless another is given. */
export function anOutcome<K extends OutcomeKind>(
  kind: K,
  data: Partial<OutcomeOf<K>['data']> = {},
  cause: RegistryEvent = anImagePushed(),
): OutcomeOf<K> {
  const { registry, repository, tag, digest } = cause.data;
  return outcomeOfEvent(kind, cause, {
    service: kind.split('.')[0] ?? kind,
    at: new Date(at),
    data: {
      severity: 'info',
      message: `A test says ${kind}.`,
      reason: outcomeSchemas[kind].shape.data.shape.reason.options[0],
      image: { registry, repository, tag, digest },
      ...data,
    } as OutcomeOf<K>['data'],
  });
}

function heard(name: 'pushed' | 'quarantined' | 'deleted', overrides: ImageDataInput): RegistryEvent {
  const data = ImageEventData.parse({ ...imageData, ...overrides });
  const { repository, tag = '', digest = '', occurredAt } = data;
  return heardRegistryEvent({ name, data, identity: [repository, tag, digest, occurredAt] });
}

function decided(
  name: 'cleared' | 'approved',
  overrides: DecidedDataInput,
  cause: RegistryEvent,
): RegistryEvent {
  const data = DecidedImageData.parse({ ...imageData, ...cause.data, decidedBy: 'a-rule', ...overrides });
  return decidedRegistryEvent(name, cause, data);
}
