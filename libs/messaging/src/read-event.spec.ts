import { exampleApproval, exampleOutcome, examplePush } from '../test/example-events.js';
import { encodeCloudEvent } from './cloud-event-codec.js';
import { readOutcome, readRegistryEvent } from './read-event.js';

describe('messaging/read-event', () => {
  it.each([examplePush(), exampleApproval()])('reads $type', (event) => {
    expect(readRegistryEvent(encodeCloudEvent(event))).toEqual({ ok: true, event });
  });

  it('reads an outcome', () => {
    const outcome = exampleOutcome();
    expect(readOutcome(encodeCloudEvent(outcome))).toEqual({ ok: true, event: outcome });
  });

  it('leaves out what a newer sender added', () => {
    const event = examplePush();
    const newer = { ...event, novelty: 'x', data: { ...event.data, novelty: 'x' } };
    expect(readRegistryEvent(encodeCloudEvent(newer))).toEqual({ ok: true, event });
  });

  it('says which part does not match, and at most three of them', () => {
    const event = examplePush();
    const reading = readRegistryEvent({
      ...encodeCloudEvent(event),
      body: Buffer.from(JSON.stringify({ registry: 'NOT A NAME', repository: 'a', tag: '-', digest: '' })),
    });
    expect(reading).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^data\.registry: .*; and \d more$/),
    });
  });

  it('refuses what makes the schema itself throw, which would leave the message unsettled', () => {
    const event = examplePush();
    const repository = { length: { toString: 1, valueOf: 1 } };
    const body = Buffer.from(JSON.stringify({ ...event.data, repository }));
    expect(readRegistryEvent({ ...encodeCloudEvent(event), body }).ok).toBe(false);
  });

  it('refuses a type that no contract knows', () => {
    const message = encodeCloudEvent({ ...examplePush(), type: 'io.pratique.image.signed.v1' });
    expect(readRegistryEvent(message)).toMatchObject({ ok: false, why: expect.stringContaining('type') });
  });

  it('refuses structured mode, whose body looks like an event', () => {
    const event = examplePush();
    const reading = readRegistryEvent({
      body: Buffer.from(JSON.stringify(event)),
      contentType: 'application/cloudevents+json',
      properties: {},
    });
    expect(reading.ok).toBe(false);
  });
});
