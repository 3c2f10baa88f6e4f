import { spawn } from 'node:child_process';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { ArmResource } from './arm-template.js';

const Answers = z.array(
  z.union([
    z.strictObject({ error: z.string() }),
    z.strictObject({ apiVersion: z.string(), body: z.record(z.string(), z.unknown()) }),
  ]),
);
export type RoundTrip = z.output<typeof Answers>[number];

/** What Microsoft's clients for Azure Resource Manager make of resources: an answer for each. */
export async function azureRoundTrip(resources: readonly ArmResource[]): Promise<RoundTrip[]> {
  // A process of its own: Jest would transform all of these clients, file by file.
  const child = spawn(process.execPath, ['tools/azure-round-trip.mjs'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const told = resources.map(({ type, location, sku, properties }) => ({ type, location, sku, properties }));
  child.stdin.end(JSON.stringify(told));
  return Answers.parse(await json(child.stdout));
}
