import { SetupError } from '@pratique/config';
import type { EntryStore } from '../../audit/src/entry-store.js';
import { CommandLineError, help, parseCommandLine } from './command-line.js';
import { Demonstration } from './demonstrate.js';
import { endOfLedger, followLedger } from './follow-ledger.js';
import { progressLine } from './progress-line.js';
import { type Standalone, startStandalone } from './start-standalone.js';
import { watchCopies } from './watch-copies.js';

/** Prints one line for a person. */
type Print = (line: string) => void;

/**
 * `npm start`: starts everything, shows the samples' way, and goes on printing what happens until it is stopped.
 *
 * @returns the exit code, when there is nothing to stay up for: 0 after `--help`, 2 after a wrong command line, and 1 for
 *   what can be mended, which is printed as a sentence; undefined while it runs
 */
export async function runStandalone(args: readonly string[], print: Print): Promise<number | undefined> {
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.help) {
      print(help);
      return 0;
    }
    print(`Pratique is starting; its state is kept in ${commandLine.state}.`);
    const standalone = await startStandalone(commandLine);
    await tell(standalone, print);
    return undefined;
  } catch (error) {
    return explain(error, print);
  }
}

async function tell(standalone: Standalone, print: Print): Promise<void> {
  const { url, ledger, world, logFile } = standalone;
  const after = await endOfLedger(ledger);
  print(
    `Everything is up. Webhooks: ${url}/webhooks/<registry>   Ledger: ${url}/api/v1/entries   Log: ${logFile}`,
  );
  const demonstration = world && new Demonstration(world);
  void follow({ ledger, after, demonstration, print, signal: standalone.stopping });
  void watchCopies(standalone.copies, { print, signal: standalone.stopping });
  if (world === undefined || demonstration === undefined) {
    print('Waiting for webhooks. Ctrl-C stops it; nothing that was accepted is lost.');
    return;
  }
  print(
    `Two images are pushed to the vendor (${world.vendor.host}); the customer is ${world.customer.host}.`,
  );
  print('');
  await demonstration.pushSamples();
  const conclusion = await demonstration.conclusion();
  print('');
  conclusion.forEach((sentence) => print(sentence));
  print(
    'Pratique stays up and prints what happens next. Ctrl-C stops it; nothing that was accepted is lost.',
  );
}

interface Following {
  ledger: EntryStore;
  after: number;
  demonstration: Demonstration | undefined;
  print: Print;
  signal: AbortSignal;
}

async function follow({ ledger, after, demonstration, print, signal }: Following): Promise<void> {
  try {
    for await (const entry of followLedger(ledger, { after, signal })) {
      print(progressLine(entry));
      demonstration?.see(entry);
    }
  } catch (error) {
    // While stopping, the ledger goes away under us, as it should.
    if (!signal.aborted) print(`The ledger cannot be followed any more: ${(error as Error).message}`);
  }
}

function explain(error: unknown, print: Print): number {
  if (error instanceof CommandLineError) {
    print(`${error.message} (npm start -- --help lists what there is)`);
    return 2;
  }
  if (error instanceof SetupError) {
    print(error.message);
    return 1;
  }
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') {
    print(`Port ${port} is taken: stop what listens there, or start with --any-port.`);
    return 1;
  }
  throw error;
}
