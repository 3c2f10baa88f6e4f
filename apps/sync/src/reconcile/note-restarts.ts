import type { RegistryName } from '@pratique/contracts';

interface Told {
  registry: RegistryName;
  /** What a registry calls itself from start to start, where it tells. */
  senderInstance?: string | undefined;
}

// Replicas have an id each; whoever has more is making them up.
const maxInstances = 100;

/** Notices that a registry was started again: what it had not told by then is lost. */
export class NoteRestarts {
  readonly #seen = new Map<RegistryName, Set<string>>();

  /** Whether this event is the first of an instance that came after another. */
  isNews({ registry, senderInstance }: Told): boolean {
    if (senderInstance === undefined) return false;
    const seen = this.#seen.get(registry) ?? new Set();
    this.#seen.set(registry, seen);
    if (seen.has(senderInstance)) return false;
    const first = seen.size === 0;
    seen.add(senderInstance);
    const [oldest] = seen;
    if (seen.size > maxInstances && oldest !== undefined) seen.delete(oldest);
    // With the first we have just started ourselves, and reconcile for that.
    return !first;
  }
}
