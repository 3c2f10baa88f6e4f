import { decidedRegistryEvent, heardRegistryEvent, type HeardEvent } from './build-registry-event.js';
import { digestOf } from './digest.js';
import { RegistryName, RepositoryName, Tag } from './image-name.js';
import { RegistryEvent } from './registry-event.js';

const digest = digestOf('manifest');
const heard: HeardEvent = {
  name: 'pushed',
  identity: ['delivery-1'],
  data: {
    registry: RegistryName.parse('vendor'),
    repository: RepositoryName.parse('team/app'),
    tag: Tag.parse('1.0'),
    digest,
    occurredAt: '2026-11-22T10:00:00.000Z',
    receivedAt: '2026-11-22T10:00:01.000Z',
  },
};

describe('contracts/registry-event', () => {
  it('gives a notification that is sent twice the same id, and another one another', () => {
    const [first, again] = [heardRegistryEvent(heard), heardRegistryEvent(heard)];

    expect(again.id).toBe(first.id);
    expect(heardRegistryEvent({ ...heard, identity: ['delivery-2'] }).id).not.toBe(first.id);
    expect(heardRegistryEvent({ ...heard, name: 'quarantined' }).id).not.toBe(first.id);
  });

  it('does not let one registry take the ids of another', () => {
    const other = { ...heard, data: { ...heard.data, registry: RegistryName.parse('other') } };

    expect(heardRegistryEvent(other).id).not.toBe(heardRegistryEvent(heard).id);
  });

  it('names the bytes as its subject, or the tag where the sender gave no digest', () => {
    const { digest: _, ...tagged } = heard.data;

    expect(heardRegistryEvent(heard).subject).toBe(`team/app@${digest}`);
    expect(heardRegistryEvent({ ...heard, data: tagged }).subject).toBe('team/app:1.0');
  });

  it('begins a chain with itself, and a decision continues the chain', () => {
    const pushed = heardRegistryEvent(heard);
    const cleared = decidedRegistryEvent('cleared', pushed, {
      ...pushed.data,
      digest,
      decidedBy: 'bicep-only',
    });

    expect(pushed).toMatchObject({ correlationid: pushed.id });
    expect(pushed).not.toHaveProperty('causationid');
    expect(cleared).toMatchObject({ correlationid: pushed.id, causationid: pushed.id });
    expect(cleared.traceparent?.slice(0, 35)).toBe(pushed.traceparent?.slice(0, 35));
  });

  it.each([
    ['a repository that climbs out of its registry', { repository: '../etc' }],
    ['a tag with a slash', { tag: 'a/b' }],
    ['a digest that cannot be recomputed', { digest: 'md5:abc' }],
    ['a negative size', { size: -1 }],
    ['a time that is none', { occurredAt: 'yesterday' }],
  ])('refuses %s', (_, wrong) => {
    const event = heardRegistryEvent(heard);

    expect(RegistryEvent.safeParse({ ...event, data: { ...event.data, ...wrong } }).success).toBe(false);
  });

  it('refuses a verdict without the digest it is about', () => {
    const event = { ...heardRegistryEvent(heard), type: 'io.pratique.image.cleared.v1' };

    expect(
      RegistryEvent.safeParse({ ...event, data: { ...event.data, decidedBy: 'p', digest: undefined } })
        .success,
    ).toBe(false);
  });

  it('tolerates what a newer version may add', () => {
    const event = heardRegistryEvent(heard);

    expect(RegistryEvent.parse({ ...event, data: { ...event.data, novelty: 1 } })).toEqual(event);
  });
});
