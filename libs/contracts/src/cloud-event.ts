import { z } from 'zod';
import { Traceparent } from './trace-context.js';

/**
 * The attributes that all of Pratique's messages share.
 *
 * CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) with the distributed tracing
 * extension, and two of our own: `causationid` is the event that led to this one, `correlationid` the first of the chain.
 */
export const cloudEventAttributes = {
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(128),
  source: z.string().min(1).max(128),
  subject: z.string().min(1).max(512),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal('application/json'),
  correlationid: z.string().min(1).max(128),
  causationid: z.string().min(1).max(128).optional(),
  traceparent: Traceparent.optional(),
};

/** The largest message that CloudEvents promises to carry everywhere, in bytes of its JSON form. */
export const maxCloudEventBytes = 64 * 1024;
