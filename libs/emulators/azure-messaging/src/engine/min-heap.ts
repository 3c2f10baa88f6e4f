/** Items in ascending order of a numeric key; adding and taking the smallest cost O(log n). */
export class MinHeap<T> {
  private readonly items: { readonly key: number; readonly item: T }[] = [];

  get size(): number {
    return this.items.length;
  }

  peek(): { readonly key: number; readonly item: T } | undefined {
    return this.items[0];
  }

  push(key: number, item: T): void {
    this.items.push({ key, item });
    let index = this.items.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.keyAt(parent) <= key) break;
      this.swap(index, parent);
      index = parent;
    }
  }

  pop(): T | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (first === undefined || last === undefined || this.items.length === 0) return first?.item;
    this.items[0] = last;
    this.sink();
    return first.item;
  }

  private sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const smaller = this.keyAt(left + 1) < this.keyAt(left) ? left + 1 : left;
      if (this.keyAt(smaller) >= this.keyAt(index)) return;
      this.swap(index, smaller);
      index = smaller;
    }
  }

  private keyAt(index: number): number {
    return this.items[index]?.key ?? Infinity;
  }

  private swap(a: number, b: number): void {
    const first = this.items[a];
    const second = this.items[b];
    if (first === undefined || second === undefined) return;
    this.items[a] = second;
    this.items[b] = first;
  }
}
