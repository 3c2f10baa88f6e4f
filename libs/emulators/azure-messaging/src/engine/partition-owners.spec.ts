import { type PartitionOwner, PartitionOwners } from './partition-owners.js';

function owner(ownerLevel?: number) {
  const reasons: string[] = [];
  const place: PartitionOwner = { ownerLevel, displaced: (reason) => reasons.push(reason) };
  return { place, reasons };
}

describe('engine/partition-owners', () => {
  it.each([
    [undefined, 0],
    [0, 1],
    [5, 5],
  ])('lets a receiver of level %s be displaced by one of level %s', (present, coming) => {
    const owners = new PartitionOwners();
    const [first, second] = [owner(present), owner(coming)];
    owners.join(first.place);
    owners.join(second.place);

    expect(first.reasons).toHaveLength(1);
    expect(second.reasons).toEqual([]);
  });

  it.each([
    [1, 0],
    [0, undefined],
  ])('keeps a receiver of level %s against one of level %s', (present, coming) => {
    const owners = new PartitionOwners();
    const first = owner(present);
    owners.join(first.place);

    expect(() => owners.join(owner(coming).place)).toThrow(
      expect.objectContaining({ code: 'receiver-displaced' }) as Error,
    );
    expect(first.reasons).toEqual([]);
  });

  it('lets anyone in again when the owner has left', () => {
    const owners = new PartitionOwners();
    const first = owner(9);
    owners.join(first.place);
    owners.leave(first.place);

    owners.join(owner().place);
    expect(first.reasons).toEqual([]);
  });

  it('lets five receivers without a level share a partition, and no sixth', () => {
    const owners = new PartitionOwners();
    for (let count = 0; count < 5; count += 1) owners.join(owner().place);

    expect(() => owners.join(owner().place)).toThrow(
      expect.objectContaining({ code: 'quota-exceeded' }) as Error,
    );
  });
});
