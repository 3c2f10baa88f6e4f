import { outcomeOfEvent, outcomeWithoutEvent } from './build-outcome.js';
import { heardRegistryEvent } from './build-registry-event.js';
import { digestOf } from './digest.js';
import { RegistryName, RepositoryName, Tag } from './image-name.js';
import { Outcome, type OutcomeKind, outcomeSchemas, outcomeType } from './outcome.js';

const image = {
  registry: RegistryName.parse('vendor'),
  repository: RepositoryName.parse('app'),
  tag: Tag.parse('1'),
};
const target = { ...image, registry: RegistryName.parse('customer'), digest: digestOf('x') };
const at = new Date('2026-11-22T10:00:00Z');
const cause = heardRegistryEvent({
  name: 'pushed',
  identity: ['1'],
  data: { ...image, occurredAt: at.toISOString(), receivedAt: at.toISOString() },
});

describe('contracts/outcome', () => {
  it('has one id per event, rule and images, however the work ended and whenever it was repeated', () => {
    const base = { severity: 'info', message: 'It is there.', image, target, rule: 'vendor-images' } as const;
    const copied = outcomeOfEvent('sync.copied', cause, {
      service: 'sync',
      at,
      data: { ...base, reason: 'imported' },
    });
    const repeated = outcomeOfEvent('sync.skipped', cause, {
      service: 'sync',
      at: new Date('2026-11-22T11:00:00Z'),
      data: { ...base, reason: 'already-present' },
    });
    const ofAnotherRule = outcomeOfEvent('sync.copied', cause, {
      service: 'sync',
      at,
      data: { ...base, rule: 'other', reason: 'imported' },
    });

    expect(repeated.id).toBe(copied.id);
    expect(ofAnotherRule.id).not.toBe(copied.id);
  });

  it('names its cause, its chain and what it is about', () => {
    const outcome = outcomeOfEvent('sync.copied', cause, {
      service: 'sync',
      at,
      data: { severity: 'info', message: 'Copied.', reason: 'copied', image, target },
    });

    expect(outcome).toMatchObject({
      source: 'pratique/sync',
      subject: `app@${target.digest}`,
      causationid: cause.id,
      correlationid: cause.correlationid,
    });
  });

  it('can stand at the beginning of a chain, as a refused webhook does', () => {
    const outcome = outcomeWithoutEvent('webhook.refused', ['vendor', '1'], {
      service: 'ingress',
      at,
      data: { severity: 'warning', message: 'Refused.', reason: 'not-authenticated' },
    });

    expect(outcome).toMatchObject({ correlationid: outcome.id, subject: 'ingress' });
  });

  it.each(Object.keys(outcomeSchemas) as OutcomeKind[])('refuses a reason that %s does not have', (kind) => {
    const outcome = outcomeWithoutEvent('webhook.refused', ['vendor', '1'], {
      service: 'ingress',
      at,
      data: { severity: 'warning', message: 'Refused.', reason: 'malformed' },
    });
    const data = { ...outcome.data, reason: 'because' };

    expect(Outcome.safeParse({ ...outcome, type: outcomeType(kind), data }).success).toBe(false);
  });
});
