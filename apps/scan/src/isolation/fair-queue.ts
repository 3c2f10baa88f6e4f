/** Takes turns between owners: who asks for much waits behind himself, and not in front of others. */
export class FairQueue<T> {
  private readonly waiting = new Map<object, T[]>();

  add(owner: object, item: T): void {
    const items = this.waiting.get(owner);
    if (items === undefined) this.waiting.set(owner, [item]);
    else items.push(item);
  }

  /** The first of the owner whose turn it is; then it is the next owner's. */
  next(): T | undefined {
    for (const [owner, items] of this.waiting) {
      const item = items.shift();
      // At the end of a Map is whoever was set last.
      this.waiting.delete(owner);
      if (items.length > 0) this.waiting.set(owner, items);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  remove(owner: object, item: T): void {
    const left = this.waiting.get(owner)?.filter((each) => each !== item) ?? [];
    if (left.length === 0) this.waiting.delete(owner);
    else this.waiting.set(owner, left);
  }
}
