/** Something that must work for a service to be of use: it is asked whenever the platform asks the service. */
export interface ReadinessCheck {
  name: string;
  /** Resolves when all is well and rejects with the reason when it is not; the signal fires when nobody waits any more. */
  check(signal: AbortSignal): Promise<void>;
}

// Kubernetes asks with a timeout of one second unless it is told otherwise.
const checkTimeoutMs = 900;

/** Whether a service can do its work: it has started, is not stopping, and every check passes. */
export class Readiness {
  #state: 'starting' | 'started' | 'stopping' = 'starting';
  #checks: readonly ReadinessCheck[] = [];

  started(checks: readonly ReadinessCheck[]): void {
    this.#checks = checks;
    if (this.#state === 'starting') this.#state = 'started';
  }

  stopping(): void {
    this.#state = 'stopping';
  }

  /** The names of what stands in the way; an empty list is a yes. */
  async obstacles(): Promise<string[]> {
    if (this.#state !== 'started') return [this.#state];
    const failed = await Promise.all(
      this.#checks.map(async (check) => ((await passes(check)) ? [] : [check.name])),
    );
    return failed.flat();
  }
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  const signal = AbortSignal.timeout(checkTimeoutMs);
  const late = new Promise<boolean>((resolve) => signal.addEventListener('abort', () => resolve(false)));
  return Promise.race([
    late,
    check.check(signal).then(
      () => true,
      () => false,
    ),
  ]);
}
