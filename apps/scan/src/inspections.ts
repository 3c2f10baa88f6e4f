import type { Descriptor } from '@pratique/oci';
import type { FileUnderScan, Finding, ImageUnderScan, Inspection } from './checks/check.js';
import type { FileSink } from './layers/tar-reader.js';
import type { ExaminedCheck } from './verdict.js';

/** A check of a policy, ready to begin. */
export interface CheckToRun {
  policy: string;
  kind: string;
  begin: () => Inspection;
}

/** Every check of every policy, at work on one part of a manifest. A check that breaks spoils its own result and nothing else. */
export class Inspections {
  private readonly all: GuardedInspection[];

  constructor(checks: readonly CheckToRun[]) {
    this.all = checks.map((check) => new GuardedInspection(check));
  }

  config(image: ImageUnderScan): void {
    for (const inspection of this.all) inspection.config(image);
  }

  layer(layer: Descriptor): void {
    for (const inspection of this.all) inspection.layer(layer);
  }

  /** Gives the bytes of a file to every check that wants them; undefined when none does. */
  file(file: FileUnderScan): FileSink | undefined {
    const sinks = this.all.flatMap((inspection) => inspection.file(file) ?? []);
    if (sinks.length <= 1) return sinks[0];
    return {
      write: (bytes) => sinks.forEach((sink) => sink.write(bytes)),
      end: () => sinks.forEach((sink) => sink.end()),
    };
  }

  reports(): ExaminedCheck[] {
    return this.all.map((inspection) => inspection.report());
  }
}

class GuardedInspection {
  private inspection: Inspection | undefined;
  private crash: string | undefined;

  constructor(private readonly check: CheckToRun) {
    this.guard(() => {
      this.inspection = check.begin();
    });
  }

  config(image: ImageUnderScan): void {
    this.guard(() => this.inspection?.config?.(image));
  }

  layer(layer: Descriptor): void {
    this.guard(() => this.inspection?.layer?.(layer));
  }

  file(file: FileUnderScan): FileSink | undefined {
    const sink = this.guard(() => this.inspection?.file?.(file));
    return (
      sink && {
        write: (bytes) => this.guard(() => sink.write(bytes)),
        end: () => this.guard(() => sink.end()),
      }
    );
  }

  report(): ExaminedCheck {
    const { policy, kind } = this.check;
    const report = this.guard(() => this.inspection?.report());
    return report === undefined
      ? crashed({ policy, kind }, this.crash ?? 'no report')
      : { policy, kind, ...report };
  }

  /** Once it has thrown, a check is not asked again: what it would say is worth nothing. */
  private guard<T>(work: () => T): T | undefined {
    if (this.crash !== undefined) return undefined;
    try {
      return work();
    } catch (error) {
      this.crash = error instanceof Error ? error.message : 'something that is no error was thrown';
      return undefined;
    }
  }
}

/** The report of a check that has none of its own. */
export function crashed({ policy, kind }: { policy: string; kind: string }, why: string): ExaminedCheck {
  return { policy, kind, result: 'crashed', findings: [checkBroke(why)] };
}

function checkBroke(why: string): Finding {
  return {
    id: 'check-crashed',
    message: `The check broke: ${why}.`,
    mend: 'Tell the makers of Pratique: it is a bug, and until it is mended the image has no verdict.',
  };
}
