import { heardRegistryEvent, type HeardEvent } from '@pratique/contracts';
import { hearBody } from './hear-recordings.contract.js';

const push = { repository: 'tripinsights/poi', updated_tags: ['latest'] };

async function idAt(time: string): Promise<string> {
  const receivedAt = new Date(`2026-03-04T${time}Z`);
  const [event] = (await hearBody('quay', push, { receivedAt })) as [HeardEvent];
  return heardRegistryEvent(event).id;
}

describe('registries/quay.registry', () => {
  it('counts the same delivery within a minute as one event, and a later one as another', async () => {
    const [first, again, later] = [await idAt('08:15:01'), await idAt('08:15:59'), await idAt('08:16:30')];

    expect(again).toBe(first);
    expect(later).not.toBe(first);
  });

  it('hears a tag once that a delivery names twice', async () => {
    expect(await hearBody('quay', { ...push, updated_tags: ['a', 'a'] })).toHaveLength(1);
  });

  it('refuses a push that does not say of which repository', async () => {
    expect(await hearBody('quay', { updated_tags: ['a'] })).toMatchObject({ reason: 'malformed' });
  });

  it('has no interest in a body of an operator’s own template without tags', async () => {
    expect(await hearBody('quay', { text: 'somebody pushed' })).toEqual([]);
  });
});
