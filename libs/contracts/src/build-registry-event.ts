import { deriveId } from './derive-id.js';
import {
  type DecidedImageData,
  type ImageEventData,
  type RegistryEvent,
  type RegistryEventName,
  registryEventType,
  imageSubject,
} from './registry-event.js';
import { childTraceparent } from './trace-context.js';

/** What a sender's notification says, before it is an event of ours. */
export interface HeardEvent {
  name: 'pushed' | 'deleted' | 'quarantined';
  data: ImageEventData;
  /** What tells this event from every other of the same registry: a delivery id, or what identifies the event. */
  identity: [string, ...string[]];
  traceparent?: string | undefined;
}

/**
 * The first event of a chain: what a registry told us. The same notification, sent twice, gives the same id.
 *
 * What was heard has been checked field by field, and is not checked again: a delivery may tell of thousands of images, and
 * the schema would be half of what it costs. The contract suite and the fuzzing hold every kind to it.
 */
export function heardRegistryEvent(heard: HeardEvent): RegistryEvent {
  const { name, data } = heard;
  const id = deriveId(registryEventType[name], data.registry, ...heard.identity);
  return {
    specversion: '1.0',
    id,
    type: registryEventType[name],
    source: data.registry,
    subject: imageSubject(data),
    time: data.occurredAt,
    datacontenttype: 'application/json',
    correlationid: id,
    traceparent: childTraceparent(heard.traceparent),
    data,
  };
}

/** What a service decided about the image of an event, for others to act on. The same decision gives the same id. */
export function decidedRegistryEvent(
  name: Extract<RegistryEventName, 'cleared' | 'approved'>,
  cause: RegistryEvent,
  data: DecidedImageData,
): RegistryEvent {
  return {
    specversion: '1.0',
    id: deriveId(registryEventType[name], cause.id, data.digest, data.decidedBy),
    type: registryEventType[name],
    source: data.registry,
    subject: imageSubject(data),
    time: data.occurredAt,
    datacontenttype: 'application/json',
    correlationid: cause.correlationid,
    causationid: cause.id,
    traceparent: childTraceparent(cause.traceparent),
    data,
  };
}
