import { runEmulator } from './run-emulator.js';

// Listened to only once: a second signal ends the process at once.
const stopped = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
});

process.exitCode = await runEmulator({
  args: process.argv.slice(2),
  print: (line) => process.stdout.write(`${line}\n`),
  stopped,
});
