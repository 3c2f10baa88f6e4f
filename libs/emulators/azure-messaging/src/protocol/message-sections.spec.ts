import * as fc from 'fast-check';
import rhea from 'rhea';

import { checkValue } from './amqp-scan.js';
import { AmqpError } from './amqp-error.js';
import { deliveredMessage } from './delivered-message.js';
import { readIncomingMessage } from './incoming-message.js';
import { splitBatch, splitSections } from './message-sections.js';

interface Decoded {
  readonly body: { readonly content: Buffer };
  readonly message_id?: unknown;
  readonly delivery_count?: number;
  readonly ttl?: number;
  readonly durable?: boolean;
  readonly message_annotations?: Record<string, unknown>;
  readonly application_properties?: Record<string, unknown>;
}

function encode(message: object): Buffer {
  return rhea.message.encode({ body: rhea.message.data_section(Buffer.from('body')), ...message });
}

function decode(bytes: Buffer): Decoded {
  return rhea.message.decode(bytes) as unknown as Decoded;
}

function deliver(bytes: Buffer, changes: object = {}): Decoded {
  return decode(deliveredBytes(bytes, changes));
}

function deliveredBytes(bytes: Buffer, changes: object = {}): Buffer {
  const { encoded, description } = readIncomingMessage(bytes);
  const held = {
    sequence: 7,
    enqueuedSequence: 3,
    enqueuedAt: 1000,
    messageId: description.messageId,
    encoded,
    deliveryCount: 2,
    properties: {},
    ...changes,
  };
  return deliveredMessage(held, { lockedUntil: 5000 });
}

describe('protocol/message-sections', () => {
  it("keeps the sender's sections and puts the broker's into header and annotations", () => {
    const delivered = deliver(
      encode({
        message_id: 'm',
        durable: true,
        ttl: 5000,
        message_annotations: {
          'x-opt-partition-key': 'k',
          'x-opt-sequence-number': 99,
          own: rhea.types.wrap_long(1),
        },
        application_properties: { a: 1, b: rhea.types.wrap_double(2) },
      }),
    );

    expect(delivered).toMatchObject({ message_id: 'm', durable: true, ttl: 5000, delivery_count: 2 });
    expect(delivered.body.content.toString()).toBe('body');
    expect(delivered.application_properties).toEqual({ a: 1, b: 2 });
    expect(delivered.message_annotations).toMatchObject({
      own: 1,
      'x-opt-partition-key': 'k',
      'x-opt-sequence-number': 7,
      'x-opt-enqueue-sequence-number': 3,
      'x-opt-enqueued-time': new Date(1000),
      'x-opt-locked-until': new Date(5000),
    });
  });

  it('adds to application properties and replaces them without touching the others', () => {
    const sent = encode({ message_id: 'm', application_properties: { a: 1, b: rhea.types.wrap_float(1.5) } });

    const delivered = deliver(sent, {
      properties: { a: 'new', c: 9_007_203_549_708_289n, d: true, e: null },
    });

    expect(delivered.application_properties).toMatchObject({ a: 'new', b: 1.5, d: true, e: null });
    expect(delivered.application_properties?.['c']).toEqual(Buffer.from('0020000100000001', 'hex'));
  });

  it('describes a message by what rules can look at', () => {
    const { description, scheduledFor } = readIncomingMessage(
      encode({
        message_id: rhea.string_to_uuid('00112233-4455-6677-8899-aabbccddeeff'),
        correlation_id: 5,
        subject: 's',
        group_id: 'g',
        ttl: 1000,
        message_annotations: { 'x-opt-scheduled-enqueue-time': rhea.types.wrap_timestamp(77) },
        application_properties: {
          text: 't',
          long: rhea.types.wrap_long(Buffer.from('0020000100000001', 'hex')),
          no: null,
          map: { not: 'simple' },
        },
      }),
    );

    expect(description).toMatchObject({
      messageId: '00112233-4455-6677-8899-aabbccddeeff',
      timeToLiveMs: 1000,
      system: { correlationId: 5, subject: 's', sessionId: 'g' },
    });
    expect([...description.application]).toEqual([
      ['text', 't'],
      ['long', 9_007_203_549_708_289n],
      ['no', null],
    ]);
    expect(scheduledFor).toBe(77);
  });

  it('takes a batch apart into its messages, whatever stands around them', () => {
    const parts = [encode({ message_id: 'a' }), encode({ message_id: 'b' })];
    const envelope = rhea.message.encode({
      message_annotations: { 'x-opt-partition-key': 'k' },
      body: rhea.message.data_sections(parts),
    });

    expect(splitBatch(envelope)).toEqual(parts);
  });

  it('refuses properties that are larger than Azure allows', () => {
    expect(() => splitSections(encode({ application_properties: { a: 'x'.repeat(70_000) } }))).toThrow(
      /take more than/,
    );
  });

  it('answers any bytes with a message or an AmqpError', () => {
    const sample = encode({ message_id: 'm', subject: 's', application_properties: { a: 1 }, ttl: 1 });
    const damaged = fc
      .array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const bytes = Buffer.from(sample);
        for (const [index, value] of changes) bytes[index] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          try {
            deliveredBytes(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(AmqpError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('refuses values that claim more items than they have bytes, or are nested without end', () => {
    const hugeList = Buffer.from([0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]);
    const hugeArray = Buffer.from([0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x41]);
    let nested = Buffer.from([0x40]);
    for (let depth = 0; depth < 40; depth += 1) {
      nested = Buffer.concat([Buffer.from([0xc0, nested.length + 1, 1]), nested]);
    }

    for (const value of [hugeList, hugeArray, nested, Buffer.alloc(50)]) {
      expect(() => checkValue(value, 0)).toThrow(AmqpError);
    }
  });
});
