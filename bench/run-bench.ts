import { parseArgs } from 'node:util';
import type { BenchCase } from './bench.js';
import { benches } from './benches.js';
import { describeMachine } from './machine.js';

process.exitCode = await main();

/** 0 when the figures are there, 1 when a bench failed, 2 when it was called wrongly. */
async function main(): Promise<number> {
  const { name, json, bench } = readArguments();
  if (name === undefined || bench === undefined) {
    process.stderr.write(
      `Which bench? Call: npm run -s bench -- <${Object.keys(benches).join('|')}> [--json]\n`,
    );
    return 2;
  }
  const cases: BenchCase[] = [];
  try {
    await bench({
      onCase: (result) => {
        cases.push(result);
        if (!json) process.stdout.write(`${rowOf(result)}\n`);
      },
    });
  } catch (error) {
    process.stderr.write(`The bench ${name} failed: ${String(error)}\n`);
    return 1;
  }
  if (json)
    process.stdout.write(`${JSON.stringify({ bench: name, machine: describeMachine(), cases }, null, 2)}\n`);
  return 0;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const [name] = positionals;
    return { name, json: values.json, bench: name === undefined ? undefined : benches[name] };
  } catch {
    return { name: undefined, json: false, bench: undefined };
  }
}

function rowOf(result: BenchCase): string {
  const ours = `${result.value} ${result.unit}`.padEnd(26);
  const theirs = `${result.referenceValue} ${result.unit} (${result.reference})`;
  return `${result.case.padEnd(34)} ${ours} ratio ${result.ratio.toFixed(2).padEnd(6)}against ${theirs}`;
}
