import { maxCloudEventBytes, newTraceparent, type RegistryEvent } from '@pratique/contracts';
import fc from 'fast-check';
import { exampleOutcome, examplePush } from '../test/example-events.js';
import { type CloudEvent, decodeCloudEvent, encodeCloudEvent } from './cloud-event-codec.js';
import { MessagingError } from './messaging-error.js';

const text = fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' });
const attributeName = fc
  .stringMatching(/^[a-z0-9]{1,20}$/)
  .filter((name) => !['data', 'datacontenttype'].includes(name));

const anyEvent = fc
  .record({
    extensions: fc.dictionary(attributeName, text),
    event: fc.record({
      id: text,
      type: text,
      correlationid: text,
      datacontenttype: fc.constant('application/json' as const),
      data: fc.dictionary(text, fc.jsonValue({ maxDepth: 5 })),
    }),
    traceparent: fc.option(
      fc.constant(null).map(() => newTraceparent()),
      { nil: undefined },
    ),
  })
  .map(({ extensions, event, traceparent }): CloudEvent => {
    const all = { ...extensions, ...event };
    return traceparent === undefined ? all : { ...all, traceparent };
  });

describe('messaging/cloud-event-codec', () => {
  it('gives every event back as it was', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const decoded = decodeCloudEvent(encodeCloudEvent(event));
        // Through JSON, which is what the body is: it knows no -0.
        expect(decoded).toEqual({ ok: true, event: JSON.parse(JSON.stringify(event)) });
      }),
    );
  });

  it('puts the attributes where the binding wants them, and the trace where Azure looks for it too', () => {
    const event: RegistryEvent = { ...examplePush(), traceparent: newTraceparent() };
    expect(encodeCloudEvent(event)).toEqual({
      body: Buffer.from(JSON.stringify(event.data)),
      contentType: 'application/json',
      messageId: event.id,
      correlationId: event.correlationid,
      properties: {
        cloudEvents_specversion: '1.0',
        cloudEvents_id: event.id,
        cloudEvents_type: 'io.pratique.image.pushed.v1',
        cloudEvents_source: 'vendor',
        cloudEvents_subject: event.subject,
        cloudEvents_time: event.time,
        cloudEvents_correlationid: event.correlationid,
        cloudEvents_traceparent: event.traceparent,
        'Diagnostic-Id': event.traceparent,
      },
    });
  });

  it('refuses to encode an event above 64 KiB, and says how large it is', () => {
    const event = exampleOutcome();
    const large = { ...event, data: { ...event.data, details: { text: 'x'.repeat(maxCloudEventBytes) } } };
    expect(() => encodeCloudEvent(large)).toThrow(MessagingError);
    expect(() => encodeCloudEvent(large)).toThrow(/has 6\d{4} bytes, more than the 65536/);
  });

  it('encodes an event of exactly 64 KiB, and refuses one of a byte more', () => {
    const sized = (padding: number) => {
      const event = exampleOutcome();
      return { ...event, data: { ...event.data, details: { text: 'x'.repeat(padding) } } };
    };
    const padding = maxCloudEventBytes - Buffer.byteLength(JSON.stringify(sized(0)));
    expect(() => encodeCloudEvent(sized(padding))).not.toThrow();
    expect(() => encodeCloudEvent(sized(padding + 1))).toThrow(/has 65537 bytes/);
  });

  it('refuses a body that is no data section', () => {
    const message = { ...encodeCloudEvent(examplePush()), body: { registry: 'vendor' } };
    expect(decodeCloudEvent(message)).toEqual({ ok: false, why: 'the body is not an AMQP data section' });
  });

  it('reads what the binding allows others to write: colons, AMQP types and content type parameters', () => {
    const { event } = decodeCloudEvent({
      body: Buffer.from('{}'),
      contentType: 'Application/JSON; charset=utf-8',
      properties: {
        'cloudEvents:id': 'one',
        'cloudEvents:time': new Date('2026-11-22T10:00:00Z'),
        cloudEvents_sequence: 7,
        cloudEvents_final: true,
      },
    }) as { event: unknown };
    expect(event).toEqual({
      id: 'one',
      time: '2026-11-22T10:00:00.000Z',
      sequence: '7',
      final: 'true',
      datacontenttype: 'application/json',
      data: {},
    });
  });

  it('takes no attribute from properties that only look like one', () => {
    const { event } = decodeCloudEvent({
      body: Buffer.from('{}'),
      contentType: undefined,
      properties: {
        cloudEvents___proto__: 'x',
        cloudEvents_: 'x',
        CloudEvents_id: 'x',
        cloudEvents_data: 'x',
      },
    }) as { event: unknown };
    expect(event).toEqual({ datacontenttype: undefined, data: {} });
    expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
  });
});
