import { EngineError, startAzureMessagingEmulator, StorageError } from '@pratique/emulators-azure-messaging';
import { messagingTopology } from '@pratique/messaging';
import { type CommandLine, CommandLineError, help, parseCommandLine } from './command-line.js';

/** Prints one line for a person. */
type Print = (line: string) => void;

export interface RunOptions {
  readonly args: readonly string[];
  readonly print: Print;
  /** Resolves when the emulator is to stop. */
  readonly stopped: Promise<unknown>;
}

/**
 * Runs the emulator until it is told to stop, and lets it finish writing.
 *
 * @returns the exit code: 0 after a stop or `--help`, 1 for what can be mended, which is printed as a sentence, and 2 after
 *   a wrong command line
 */
export async function runEmulator({ args, print, stopped }: RunOptions): Promise<number> {
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.help) print(help);
    else await serve(commandLine, { print, stopped });
    return 0;
  } catch (error) {
    return explain(error, print);
  }
}

async function serve(
  { port, host, storage }: CommandLine,
  { print, stopped }: Omit<RunOptions, 'args'>,
): Promise<void> {
  const topology = messagingTopology();
  const emulator = await startAzureMessagingEmulator({ port, host, storage, ...topology });
  try {
    const kept = storage === 'memory' ? 'nothing is kept' : `messages are kept in ${storage.folder}`;
    print('For development and tests only: no TLS, and a key that everybody knows.');
    print(`The emulator answers at ${host}:${emulator.port}; ${kept}.`);
    print(`Entities: ${entityNames(topology).join(', ')}.`);
    print(`Connection string: ${emulator.connectionString}`);
    await stopped;
    print('Stopping: connections are dropped, and what was accepted is written.');
  } finally {
    await emulator.close();
  }
}

function entityNames({ topics, eventHubs }: ReturnType<typeof messagingTopology>): string[] {
  const ofTopics = topics.map(({ name, subscriptions }) => {
    return `topic ${name} (${subscriptions.map((subscription) => subscription.name).join(', ')})`;
  });
  return [
    ...ofTopics,
    ...eventHubs.map(({ name, partitions }) => `event hub ${name} (${partitions} partitions)`),
  ];
}

function explain(error: unknown, print: Print): number {
  if (error instanceof CommandLineError) {
    print(`${error.message} (--help lists what there is)`);
    return 2;
  }
  if (error instanceof StorageError || error instanceof EngineError) {
    print(error.message);
    return 1;
  }
  const sentence = listenProblem(error as ListenError);
  if (sentence === undefined) throw error;
  print(sentence);
  return 1;
}

interface ListenError {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
}

function listenProblem({ code, port, address = 'this address' }: ListenError): string | undefined {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: stop what listens there, or choose another with --port.`;
  }
  return code !== undefined && UNUSABLE_ADDRESS.has(code)
    ? `It cannot listen at ${address} (${code}): choose another with --host or --port.`
    : undefined;
}

const UNUSABLE_ADDRESS = new Set(['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND']);
