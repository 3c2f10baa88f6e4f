/** A change at a registry. */
export interface Effect {
  what: 'released' | 'copied';
  image: string;
  /** By this the registry knows that it has done it already. */
  key: string;
}

/** What happened, as far as anybody outside of the workers can tell. */
export class History {
  readonly #started = performance.now();
  readonly #lines: string[] = [];
  /** `<what> <image>` → the keys under which it was done: one, unless an effect took place twice. */
  readonly effects = new Map<string, Set<string>>();
  /** How often services acted, done already or not, by what they did. */
  readonly acts = { released: 0, copied: 0 };
  /** How often the broker gave a service a message. */
  readonly deliveries = { scan: 0, sync: 0 };
  /** Ids of the outcomes that Event Hubs stored. */
  readonly outcomes = new Set<string>();
  /** Ids that belong to earlier seeds: a repetition of theirs may still be on its way. */
  readonly earlier = new Set<string>();
  /** Names of the images whose event the broker accepted. */
  readonly accepted = new Set<string>();

  get length(): number {
    return this.#lines.length;
  }

  note(line: string): void {
    const ms = (performance.now() - this.#started).toFixed(1);
    this.#lines.push(`${ms.padStart(8)} ms  ${line}`);
  }

  act({ what, image, key }: Effect): void {
    const name = `${what} ${image}`;
    const keys = this.effects.get(name) ?? new Set();
    const known = keys.has(key);
    this.effects.set(name, keys.add(key));
    this.acts[what] += 1;
    this.note(known ? `${name}, which it was already` : name);
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}
