import { parseArgs } from 'node:util';

export const help = `A stand-in for Azure Service Bus and Event Hubs, for development and tests only.

It speaks AMQP 1.0 without TLS to the unchanged Azure clients, and has the topic, subscriptions and event hub of Pratique.

Usage: node dist/apps/emulator/src/main.js [options]

Options:
  --port NUMBER    where it listens (default: 5672; 0 takes any free port)
  --host ADDRESS   the address to listen on (default: 127.0.0.1; 0.0.0.0 in a container)
  --folder FOLDER  where messages are kept, so that they survive a restart (default: .pratique/emulator)
  --memory         keep nothing: everything is forgotten when it stops
  --help           print this

SIGTERM or Ctrl-C stops it. It exits with 0 then, 1 when it cannot start, and 2 after a wrong command line.
`;

export interface CommandLine {
  readonly port: number;
  readonly host: string;
  readonly storage: 'memory' | { readonly folder: string };
  readonly help: boolean;
}

/** The port of AMQP without TLS (https://www.iana.org/assignments/service-names-port-numbers). */
const AMQP_PORT = '5672';
const LARGEST_PORT = 65_535;

/** @throws CommandLineError for anything that it does not know */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { port, host, folder, memory, help: helpWanted } = parseOptions(args);
  if (memory && folder !== undefined) {
    throw new CommandLineError('--memory and --folder contradict each other: choose one.');
  }
  return {
    port: portNumber(port),
    host,
    storage: memory ? 'memory' : { folder: folder ?? '.pratique/emulator' },
    help: helpWanted,
  };
}

function parseOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: AMQP_PORT },
        host: { type: 'string', default: '127.0.0.1' },
        folder: { type: 'string' },
        memory: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new CommandLineError((error as Error).message);
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= LARGEST_PORT) return port;
  throw new CommandLineError(`--port must be a number from 0 to ${LARGEST_PORT}, not '${text}'.`);
}

/** What was asked for does not exist; the message says so, and the remedy is `--help`. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}
