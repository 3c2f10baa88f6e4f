import type { ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTelemetry, type Telemetry, type TelemetrySettings } from '@pratique/telemetry';
import { Logger } from 'nestjs-pino';
import { boundedHttpAdapter } from './http-adapter.js';
import type { HttpSettings } from './http-settings.js';
import { Readiness, type ReadinessCheck } from './readiness.js';
import type { LogOptions } from './service-logs.js';
import { ServiceModule } from './service.module.js';
import { type SignalledProcess, stopOnSignals } from './stop-on-signals.js';

export interface ServiceOptions {
  /** Stands in every line of the log. */
  name: string;
  modules: NonNullable<ModuleMetadata['imports']>;
  http: Pick<HttpSettings, 'host' | 'port' | 'shutdownDeadlineMs'>;
  /** Runs before anything starts: the place for `connectSubscriptions(app, ['sync'])`. */
  connect?: (app: NestFastifyApplication) => void;
  /** What `/health/ready` asks, beside whether the service has started and is not stopping. */
  readiness?: (app: NestFastifyApplication) => readonly ReadinessCheck[];
  logs?: LogOptions;
  /** Where traces go; without it, nowhere. */
  telemetry?: TelemetrySettings;
  /** Whose signals stop the service; `'none'` for a service that is stopped by a call. */
  signals?: SignalledProcess | 'none';
}

export interface RunningService {
  app: NestFastifyApplication;
  /** Where it answers, as `http://127.0.0.1:8080`. */
  url: string;
  /** Takes nothing new, finishes what is under way, closes every connection. May be called twice. */
  stop(): Promise<void>;
}

// Connections that wait to be accepted. Of more than that the first packet is dropped, and the sender tries again after a second;
// with Node's 511, a thousand clients that come at once make everybody else wait so long.
const mostUnaccepted = 4096;

/**
 * Starts a service: Nest on Fastify with JSON logs, health, subscriptions, and an orderly end.
 *
 * HTTP answers first, so that the platform sees a live process while the subscriptions connect; `/health/ready` says yes
 * when all of it is up.
 *
 * @throws what a module or transport throws; everything that had been started is closed again
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { http, signals = process } = options;
  // Before the first connection: what calls back later belongs to no work.
  const telemetry = await startTelemetry(options.name, options.telemetry ?? {});
  const app = await createApp(options);
  const stop = stopOnce(app, telemetry);
  const unwatch =
    signals === 'none'
      ? () => undefined
      : stopOnSignals(signals, stopOptions(app, stop, http.shutdownDeadlineMs));
  const stopAndUnwatch = (): Promise<void> => stop().finally(unwatch);
  try {
    options.connect?.(app);
    await app.listen({ port: http.port, host: http.host, backlog: mostUnaccepted });
    await app.startAllMicroservices();
    app.get(Readiness).started(options.readiness?.(app) ?? []);
  } catch (error) {
    await stopAndUnwatch();
    throw error;
  }
  const url = addressOf(app);
  app.get(Logger).log(`${options.name} answers at ${url}`);
  return { app, url, stop: stopAndUnwatch };
}

async function createApp({ name, modules, logs = {} }: ServiceOptions): Promise<NestFastifyApplication> {
  const root = ServiceModule.register({ name, modules, logs });
  const adapter = boundedHttpAdapter(logs.toldByService ?? (() => false));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class and takes plain objects
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bufferLogs: true,
    // Of a start that fails, its reason is told, and not what went before.
    autoFlushLogs: false,
    bodyParser: false,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.flushLogs();
  return app;
}

function stopOnce(app: NestFastifyApplication, telemetry: Telemetry): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => {
    app.get(Readiness).stopping();
    // What the last work has to tell goes out last.
    stopped ??= app.close().finally(() => telemetry.stop());
    return stopped;
  };
}

function stopOptions(app: NestFastifyApplication, stop: () => Promise<void>, deadlineMs: number) {
  const onTrouble = (sentence: string, error?: unknown): void =>
    app.get(Logger).error(error === undefined ? sentence : { msg: sentence, err: error });
  return { stop, deadlineMs, onTrouble };
}

// `getUrl` of Nest writes an address that listens everywhere as [::1].
function addressOf(app: NestFastifyApplication): string {
  const address = app.getHttpServer().address();
  if (address === null || typeof address === 'string') throw new Error(`not listening on a port: ${address}`);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
