const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/** The part of `process` that stopping needs. */
export interface SignalledProcess {
  on(signal: (typeof stopSignals)[number], listener: () => void): unknown;
  off(signal: (typeof stopSignals)[number], listener: () => void): unknown;
  exit(code: number): void;
}

export interface StopOptions {
  stop(): Promise<void>;
  deadlineMs: number;
  /** Told when something is not as it should be: an error, the deadline, an impatient second signal. */
  onTrouble(sentence: string, error?: unknown): void;
}

/**
 * Ends the process on SIGTERM (the platform) and SIGINT (Ctrl-C): status 0 when everything was finished, 1 when the
 * deadline came first or a second signal asked not to wait. What was not finished is not lost: the broker gives it to
 * another worker when its lock expires.
 *
 * @returns undoes it, for a service that stops in another way
 */
export function stopOnSignals(target: SignalledProcess, options: StopOptions): () => void {
  const { deadlineMs } = options;
  let deadline: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    if (deadline !== undefined) {
      clearTimeout(deadline);
      options.onTrouble('Told to stop a second time: ending without waiting for what is under way');
      target.exit(1);
      return;
    }
    deadline = setTimeout(() => {
      options.onTrouble(`Not stopped after ${deadlineMs} ms: ending without waiting for what is under way`);
      target.exit(1);
    }, deadlineMs);
    const failed = (error: unknown): number => {
      options.onTrouble('Stopping failed: ending', error);
      return 1;
    };
    void options
      .stop()
      .then(() => 0, failed)
      .then((code) => {
        clearTimeout(deadline);
        target.exit(code);
      });
  };
  stopSignals.forEach((signal) => target.on(signal, onSignal));
  return () => stopSignals.forEach((signal) => target.off(signal, onSignal));
}
