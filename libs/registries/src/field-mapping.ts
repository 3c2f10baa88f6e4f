import type { HeardEvent } from '@pratique/contracts';
import { z } from 'zod';
import type { ToldImage } from './hear-image.js';

/** Where a value stands in a document: a JSON Pointer (RFC 6901), at most 16 levels deep. */
export const Pointer = z
  .string()
  .max(255)
  .regex(/^(?:\/(?:[^/~]|~[01])*){1,16}$/, 'is not a JSON pointer such as /data/repository');

/** Where a document names the image that it is about. */
export const FieldMapping = z.strictObject({
  repository: Pointer.describe('The name of the repository, without the host'),
  tag: Pointer.optional().describe('The tag, where the event is about one'),
  digest: Pointer.optional().describe('With its algorithm: sha256:…'),
  mediaType: Pointer.optional().describe('Of the manifest'),
  size: Pointer.optional().describe('Bytes of the manifest'),
  actor: Pointer.optional().describe('Who did it'),
  at: Pointer.optional().describe('When: RFC 3339, or seconds since 1970'),
  id: Pointer.optional().describe("The sender's id of the event"),
});
export type FieldMapping = z.output<typeof FieldMapping>;

const types = z.array(z.string().min(1).max(255)).max(100).optional();

/** Which of the sender's types of event mean what; all others are of no interest. */
export const EventTypes = z.strictObject({
  pushed: types.describe('An image or a tag has come'),
  deleted: types.describe('An image or a tag has gone'),
  quarantined: types.describe('Pushed, and held back until it is released'),
});
export type EventTypes = z.output<typeof EventTypes>;

export function meaningOf(
  type: unknown,
  { pushed, deleted, quarantined }: EventTypes,
): HeardEvent['name'] | undefined {
  const means = (known: readonly string[] | undefined): boolean =>
    known?.some((name) => name === type) ?? false;
  if (means(pushed)) return 'pushed';
  if (means(deleted)) return 'deleted';
  return means(quarantined) ? 'quarantined' : undefined;
}

/** What stands at a pointer, or undefined. Only own properties: a document cannot bring in what it does not hold. */
export function valueAt(document: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined,
    document,
  );
}

/** The image that a document names, by a mapping. */
export function mappedImage(document: unknown, mapping: FieldMapping): Omit<ToldImage, 'name'> {
  const at = (pointer: string | undefined): unknown =>
    pointer === undefined ? undefined : valueAt(document, pointer);
  const { repository, tag, digest, mediaType, size, actor, id } = mapping;
  return {
    repository: at(repository),
    tag: at(tag),
    digest: at(digest),
    mediaType: at(mediaType),
    size: at(size),
    actor: at(actor),
    at: at(mapping.at),
    id: at(id),
  };
}
