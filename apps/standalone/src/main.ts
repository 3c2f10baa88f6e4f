import { runStandalone } from './run-standalone.js';

const exitCode = await runStandalone(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
if (exitCode !== undefined) process.exit(exitCode);
