import type { Progress } from './console.js';
import type { Terminal } from './terminal.js';

// Often enough to look alive, seldom enough to cost nothing.
const redrawMs = 100;
// In a log of a pipeline a line is kept for ever.
const lineMs = 5_000;
const barWidth = 24;

export interface ProgressOf {
  label: string;
  total?: number | undefined;
}

/** A bar that is drawn in place on a terminal, and a line every few seconds elsewhere. */
export function progressBar(
  terminal: Pick<Terminal, 'err' | 'isTerminal' | 'now'>,
  { label, total }: ProgressOf,
): Progress {
  const { isTerminal } = terminal;
  const everyMs = isTerminal ? redrawMs : lineMs;
  // The bar is there from the start; a line only comes when there is something to wait for.
  let last = isTerminal ? -Infinity : terminal.now();
  return {
    at: (done) => {
      if (terminal.now() - last < everyMs) return;
      last = terminal.now();
      terminal.err(
        isTerminal ? `\r\u001b[K${bar(done, total)} ${label}` : `${label}: ${count(done, total)}\n`,
      );
    },
    end: () => {
      if (isTerminal) terminal.err('\r\u001b[K');
    },
  };
}

function bar(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return count(done, total);
  const filled = Math.round((Math.min(done, total) / total) * barWidth);
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${count(done, total)}`;
}

function count(done: number, total: number | undefined): string {
  return total === undefined ? String(done) : `${done} of ${total}`;
}
