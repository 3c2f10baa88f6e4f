import { readFileSync } from 'node:fs';
import type { RawWebhook } from '@pratique/registries';
import { z } from 'zod';
import { UsageError } from './usage-error.js';

const Headers = z.record(z.string(), z.string());

/** A delivery as ingress would get it, from its body and a file with its headers. */
export function deliveryOf(body: Buffer, headersFile: string | undefined): RawWebhook {
  return { headers: headersFile === undefined ? {} : headersIn(headersFile), body, receivedAt: new Date() };
}

/** @throws UsageError when the file is no JSON object of texts */
function headersIn(file: string): RawWebhook['headers'] {
  const headers = Headers.safeParse(jsonIn(file));
  if (!headers.success)
    throw new UsageError(`${file} is not one JSON object of texts: write {"X-GitHub-Event": "package"}`);
  return Object.fromEntries(Object.entries(headers.data).map(([name, value]) => [name.toLowerCase(), value]));
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'it is not JSON';
    throw new UsageError(`${file} cannot be read (${why}): name a file with --headers`);
  }
}
