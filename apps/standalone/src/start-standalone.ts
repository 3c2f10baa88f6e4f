import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectSubscriptions, MessagingModule } from '@pratique/messaging';
import { type RunningService, type ServiceOptions, startService } from '@pratique/service';
import pino from 'pino';
import { AuditModule } from '../../audit/src/audit.module.js';
import { EntryStore } from '../../audit/src/entry-store.js';
import { IngressModule } from '../../ingress/src/ingress.module.js';
import { ScanModule } from '../../scan/src/scan.module.js';
import { RunningCopies } from '../../sync/src/running-copies.js';
import { SyncModule } from '../../sync/src/sync.module.js';
import type { CommandLine } from './command-line.js';
import { startLocalBroker } from './local-broker.js';
import { type SampleWorld, startSampleWorld } from './sample-world.js';
import { loadStandaloneConfig, type StandaloneConfig } from './standalone-config.js';

// Ctrl-C must not take longer than a person waits. What is cut off is not lost: the broker keeps it for the next start.
const handlersDeadlineMs = 1_000;
const stopDeadlineMs = 1_800;

export interface Standalone {
  url: string;
  ledger: EntryStore;
  /** What sync is copying. */
  copies: RunningCopies;
  /** Only without a configuration of the user's own. */
  world: SampleWorld | undefined;
  logFile: string;
  /** Fires when Ctrl-C or the platform asks to stop. */
  stopping: AbortSignal;
}

/** Starts the local broker, the sample registries unless there is a configuration, and all services in this process. */
export async function startStandalone(commandLine: CommandLine): Promise<Standalone> {
  const { state, anyPort, config: ownConfig } = commandLine;
  await mkdir(state, { recursive: true });
  const broker = await startLocalBroker({ state, anyPort });
  const world = ownConfig === undefined ? await startSampleWorld({ state, anyPort }) : undefined;
  const brokerFile = resolve(state, 'secrets', 'broker-connection-string');
  await writeSecret(brokerFile, broker.connectionString);
  const config = loadStandaloneConfig(ownConfig ?? world?.configFile ?? '', defaults(state, brokerFile));
  const logFile = join(state, 'pratique.log');
  const stopping = new AbortController();
  const service = await startServices(config, {
    world,
    logs: { destination: pino.destination({ dest: logFile, sync: true }) },
    signals: signalsOf(process, async () => {
      await world?.close();
      await broker.close();
    }),
  });
  // Only now: a listener of ours alone would keep Ctrl-C from ending a start that has not come this far.
  process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort());
  world?.connectWebhooks(service.url);
  const ledger = service.app.get(EntryStore, { strict: false });
  const copies = service.app.get(RunningCopies, { strict: false });
  return { url: service.url, ledger, copies, world, logFile, stopping: stopping.signal };
}

/** What a configuration may leave out when everything runs here. */
function defaults(state: string, brokerFile: string): Record<string, unknown> {
  const local = { connectionString: { file: brokerFile } };
  return {
    registries: [],
    scan: [],
    sync: [],
    messaging: { serviceBus: local, eventHubs: local },
    audit: { database: { folder: resolve(state, 'ledger') } },
  };
}

function startServices(
  config: StandaloneConfig,
  { world, ...options }: Pick<ServiceOptions, 'logs' | 'signals'> & { world: SampleWorld | undefined },
): Promise<RunningService> {
  return startService({
    ...options,
    name: 'pratique',
    http: { ...config.ingress.http, shutdownDeadlineMs: stopDeadlineMs },
    telemetry: config.ingress.telemetry,
    modules: [
      MessagingModule.forRoot({ ...config.ingress.messaging, shutdownDeadlineMs: handlersDeadlineMs }),
      IngressModule.register(config.ingress),
      ScanModule.register(config.scan, { credential: world?.credentials.scan }),
      SyncModule.register(config.sync, { credential: world?.credentials.sync }),
      AuditModule.register(config.audit),
    ],
    connect: (app) => void connectSubscriptions(app, ['scan', 'sync', 'audit']),
  });
}

/** The process's signals, with the emulators closed after the services and before the end. */
function signalsOf(
  target: NodeJS.Process,
  closeEmulators: () => Promise<void>,
): Exclude<ServiceOptions['signals'], 'none' | undefined> {
  return {
    on: (signal, listener) => target.on(signal, listener),
    off: (signal, listener) => target.off(signal, listener),
    exit: (code) => void closeEmulators().finally(() => target.exit(code)),
  };
}

async function writeSecret(file: string, value: string): Promise<void> {
  await mkdir(resolve(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(file, value, { mode: 0o600 });
}
