export { startTelemetry } from './start-telemetry.js';
export type { Telemetry } from './telemetry.js';
export { TelemetrySettings } from './telemetry.settings.js';
export { type LogFields, Work, type WorkDescription } from './work.js';
