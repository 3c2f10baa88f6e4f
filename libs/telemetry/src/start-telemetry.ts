import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { Telemetry } from './telemetry.js';
import type { TelemetrySettings } from './telemetry.settings.js';

/**
 * Lets work know its context, and tells traces where the settings say so. The SDK costs memory and time to start, so it
 * is loaded only then.
 *
 * OpenTelemetry keeps one tracer for a process, so of several services in one process the last one started names it.
 */
export async function startTelemetry(service: string, { traces }: TelemetrySettings): Promise<Telemetry> {
  letWorkKnowItsContext();
  if (traces === undefined) return { stop: () => Promise.resolve() };
  const { exportTraces } = await import('./export-traces.js');
  return exportTraces(service, traces);
}

let contextManager: AsyncLocalStorageContextManager | undefined;

function letWorkKnowItsContext(): void {
  if (contextManager !== undefined) return;
  contextManager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contextManager);
}
