import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { deriveId, type RegistryName } from '@pratique/contracts';
import type { Reconcile } from './reconcile.js';
import type { ReconcileSettings } from './reconcile.settings.js';
import { describeSummary, type ReconcileSummary } from './reconcile-summary.js';

const minuteMs = 60_000;

/** Reconciles at start, in every interval, and when a registry has been restarted. One run at a time. */
export class ReconcileSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(ReconcileSchedule.name);
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly reconcile: Pick<Reconcile, 'run'>,
    private readonly settings: Pick<ReconcileSettings, 'schedule' | 'everyMinutes' | 'atStart'>,
  ) {}

  onApplicationBootstrap(): void {
    const { schedule, atStart } = this.settings;
    if (schedule === 'off') return;
    if (atStart) void this.request('start');
    this.#plan();
  }

  // While publishers and registries are still there.
  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort(new Error('shutting down'));
    await this.#last;
  }

  /** Runs after what is running now. Resolves when it has ended, well or badly. */
  request(reason: string, registry?: RegistryName): Promise<void> {
    this.#last = this.#last.then(() => this.#run(reason, registry));
    return this.#last;
  }

  // Not every worker at the same moment: a tenth earlier or later.
  #plan(afterMs = this.settings.everyMinutes * minuteMs * (0.9 + Math.random() * 0.2)): void {
    this.#timer = setTimeout(() => {
      void this.request('schedule').then(() => {
        if (!this.#stopping.signal.aborted) this.#plan();
      });
    }, afterMs).unref();
  }

  async #run(reason: string, registry: RegistryName | undefined): Promise<void> {
    const { signal } = this.#stopping;
    const stopping = (): boolean => signal.aborted;
    if (stopping()) return;
    try {
      this.#tell(await this.reconcile.run({ registry, run: this.#interval(), signal }), reason);
    } catch (error) {
      // Nothing waits for it but the next run, which finds the same again.
      if (!stopping()) this.#logger.error({ msg: 'Reconciling failed; it is tried again', err: error });
    }
  }

  #tell(summary: ReconcileSummary, reason: string): void {
    const { failures, held } = summary;
    const level = failures.length > 0 || held.length > 0 ? 'warn' : 'log';
    this.#logger[level]({ msg: describeSummary(summary), reason, ...summary });
  }

  // The same for all workers, so that what two of them find in one interval has one id.
  #interval(): string {
    const number = Math.floor(Date.now() / (this.settings.everyMinutes * minuteMs));
    return deriveId('reconcile', String(this.settings.everyMinutes), String(number));
  }
}
