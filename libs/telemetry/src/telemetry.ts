/** What a service started to tell of itself. */
export interface Telemetry {
  /** Sends what was not sent yet, for a second or two at most, and stops. */
  stop(): Promise<void>;
}
