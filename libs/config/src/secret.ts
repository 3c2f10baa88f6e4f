import { inspect } from 'node:util';

/**
 * A value that must never be seen: whatever prints it, prints `***`. Whoever needs the value says so by name, with
 * {@link Secret.reveal}, which makes every use easy to find.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}
