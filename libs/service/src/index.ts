export { clientAddress } from './client-address.js';
export { HttpSettings } from './http-settings.js';
export { type BodyRefusal, readRequestBody } from './read-request-body.js';
export { Readiness, type ReadinessCheck } from './readiness.js';
export { type LogOptions } from './service-logs.js';
export { runService } from './run-service.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
export { type SignalledProcess } from './stop-on-signals.js';
