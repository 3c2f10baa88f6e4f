import { cutConnection } from './cut-connection.js';

interface Closable {
  close(): Promise<void>;
}

/**
 * A client of an SDK that is made when it is first needed, shared by everything, and made anew when it was found dead.
 *
 * A connection whose other side vanished without a word is noticed by the SDKs after two minutes (rhea 3.0.5 waits for
 * twice the idle time-out, which they set to 60 s). Until then whatever uses it waits for its time-out, and so does the
 * recovery that follows.
 */
export class RenewableClient<T extends Closable> {
  #current: T | undefined;
  #replaced = new AbortController();
  #retiring: Promise<unknown> = Promise.resolve();

  constructor(private readonly connect: () => T) {}

  get(): T {
    this.#current ??= this.connect();
    return this.#current;
  }

  /** Aborts when the client that `get` gives now is let go of: whoever still uses it will not be answered. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  /** Lets go of a client that does not answer any more. Nothing happens when somebody else has already found out. */
  replace(dead: T): void {
    if (this.#current !== dead) return;
    this.#current = undefined;
    this.#replaced.abort();
    this.#replaced = new AbortController();
    this.#retiring = Promise.all([this.#retiring, retire(dead)]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#current?.close(), this.#retiring]);
  }
}

async function retire(dead: Closable): Promise<void> {
  await cutConnection(dead);
  // Whatever still waits on it fails now, and so may this; nobody needs to know, because nobody uses it any more.
  await dead.close().catch(() => undefined);
}
