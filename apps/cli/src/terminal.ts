/** The process's three streams as the command line needs them. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard error is a terminal, where a line can be drawn again. */
  isTerminal: boolean;
  /** Reads a line that answers a question; `undefined` where nobody can be asked. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Standard input, as it arrives. */
  input: AsyncIterable<Uint8Array>;
}

// C0 without tab and line feed, DEL, and C1: what moves cursors, changes titles and colours, or rings bells.
// eslint-disable-next-line no-control-regex -- these are what it is about
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text from elsewhere, such as the reason of a dead letter, as it may be shown on a terminal: it cannot command it. */
export function printable(text: string): string {
  return text.replace(controls, '\ufffd');
}
