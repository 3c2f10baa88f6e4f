import { NoAnswerError } from './no-answer-error.js';
import type { Scanner, ScannerTarget } from './scanner.js';
import { Turns } from './turns.js';
import { ScannerReport } from './vulnerability.js';

export interface ScannerBounds {
  name: string;
  timeMs: number;
  databaseMaxAgeHours: number | 'any';
  atOnce: number;
}

const hour = 3_600_000;

/** What no scanner may do, of whichever kind: take too long, be asked too much at once, speak from data that is old. */
export class BoundedScanner implements Scanner {
  private readonly turns: Turns;

  constructor(
    private readonly scanner: Scanner,
    private readonly bounds: ScannerBounds,
  ) {
    this.turns = new Turns(bounds.atOnce);
  }

  async scan(target: ScannerTarget): Promise<ScannerReport> {
    const report = await this.turns.take(() => this.scanInTime(target), target.signal);
    const problem = problemWithAge(report, this.bounds, new Date());
    if (problem === undefined) return ScannerReport.parse(report);
    throw new NoAnswerError(problem, { reason: 'scanner-database-old', retryable: true });
  }

  private async scanInTime(target: ScannerTarget): Promise<ScannerReport> {
    const { name, timeMs } = this.bounds;
    const deadline = AbortSignal.timeout(timeMs);
    const signal = AbortSignal.any([target.signal, deadline]);
    try {
      return await this.scanner.scan({ ...target, signal });
    } catch (error) {
      target.signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      const message = `The scanner ${name} gave no answer within ${timeMs / 1000} seconds.`;
      throw new NoAnswerError(message, { reason: 'scanner-timeout', retryable: true, cause: error });
    }
  }
}

/** Why its data is too old for its word to count; undefined when it is not. */
export function problemWithAge(
  { scanner }: Pick<ScannerReport, 'scanner'>,
  { name, databaseMaxAgeHours }: Pick<ScannerBounds, 'name' | 'databaseMaxAgeHours'>,
  now: Date,
): string | undefined {
  if (databaseMaxAgeHours === 'any') return undefined;
  const { updatedAt } = scanner.database ?? {};
  if (updatedAt === undefined) {
    return `The scanner ${name} does not say how old its data is: mend that, or set databaseMaxAgeHours to any.`;
  }
  const hours = (now.getTime() - Date.parse(updatedAt)) / hour;
  if (hours <= databaseMaxAgeHours) return undefined;
  return `The data of the scanner ${name} is of ${updatedAt}, older than ${databaseMaxAgeHours} hours: have it updated.`;
}
