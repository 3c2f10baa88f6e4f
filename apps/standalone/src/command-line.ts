import { parseArgs } from 'node:util';

export const help = `Pratique in one process: ingress, scan, sync and audit on a local broker and an embedded database.

Usage: npm start                          with two sample registries and two sample images
       npm start -- --config my.yaml      on your own registries, without samples

Options:
  --config FILE    your pratique.yaml; without a messaging section the local broker is used,
                   without an audit section the embedded database
  --state FOLDER   where everything that must survive a restart is kept (default: .pratique)
  --any-port       take any free ports instead of 8080 (HTTP), 5672 (AMQP) and 5001 to 5003 (sample registries)
  --help           print this

Ctrl-C stops it; what was accepted is kept in the state folder and goes on at the next start.
`;

export interface CommandLine {
  config: string | undefined;
  state: string;
  anyPort: boolean;
  help: boolean;
}

/** @throws CommandLineError for anything that it does not know */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: 'string' },
        state: { type: 'string', default: '.pratique' },
        'any-port': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return { config: values.config, state: values.state, anyPort: values['any-port'], help: values.help };
  } catch (error) {
    throw new CommandLineError((error as Error).message);
  }
}

/** What was asked for does not exist; the message says so, and the remedy is `--help`. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}
