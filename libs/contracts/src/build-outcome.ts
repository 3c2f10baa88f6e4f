import { deriveId } from './derive-id.js';
import { formatImage } from './image-reference.js';
import {
  type OutcomeImage,
  type OutcomeKind,
  type OutcomeOf,
  outcomeSchemas,
  outcomeType,
} from './outcome.js';
import type { RegistryEvent } from './registry-event.js';
import { childTraceparent } from './trace-context.js';

export interface OutcomeInput<K extends OutcomeKind> {
  /** The service that acted: `scan`, `sync` … It becomes the source, `pratique/scan`. */
  service: string;
  data: OutcomeOf<K>['data'];
  at: Date;
}

/**
 * The outcome of acting on an event.
 *
 * Its id is derived from the event, the rule and the images, and not from how it ended: work that is repeated after a
 * crash may end differently (the image is there already), and the ledger must still keep one outcome, the first.
 */
export function outcomeOfEvent<K extends OutcomeKind>(
  kind: K,
  cause: RegistryEvent,
  input: OutcomeInput<K>,
): OutcomeOf<K> {
  const { rule, image, target } = input.data;
  const family = kind.slice(0, kind.indexOf('.'));
  const id = deriveId(family, cause.id, rule ?? '', placed(image), placed(target));
  return buildOutcome(kind, input, {
    id,
    correlationid: cause.correlationid,
    causationid: cause.id,
    traceparent: childTraceparent(cause.traceparent),
  });
}

/** An outcome that no event led to, such as a webhook that was refused at the door. */
export function outcomeWithoutEvent<K extends OutcomeKind>(
  kind: K,
  identity: [string, ...string[]],
  input: OutcomeInput<K> & { traceparent?: string | undefined },
): OutcomeOf<K> {
  const id = deriveId(outcomeType(kind), ...identity);
  return buildOutcome(kind, input, {
    id,
    correlationid: id,
    traceparent: childTraceparent(input.traceparent),
  });
}

function buildOutcome<K extends OutcomeKind>(
  kind: K,
  input: OutcomeInput<K>,
  chain: { id: string; correlationid: string; causationid?: string; traceparent: string },
): OutcomeOf<K> {
  const { service, data, at } = input;
  return outcomeSchemas[kind].parse({
    specversion: '1.0',
    type: outcomeType(kind),
    source: `pratique/${service}`,
    subject: subjectOf(data.target ?? data.image) ?? service,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    ...chain,
    data,
  }) as OutcomeOf<K>;
}

function subjectOf(image: OutcomeImage | undefined): string | undefined {
  if (image === undefined) return undefined;
  const { repository, tag, digest } = image;
  return formatImage(digest === undefined ? { repository, tag } : { repository, digest });
}

function placed(image: OutcomeImage | undefined): string {
  return image === undefined ? '' : `${image.registry}/${formatImage(image)}`;
}
