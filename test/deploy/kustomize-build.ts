import { run } from '../processes/child-process.js';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

// Debian's kubernetes-client is too old: it knows no replacements.
const builders = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
  spec: z.record(z.string(), z.unknown()).optional(),
  data: z.record(z.string(), z.string()).optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** What `kubectl apply -k <folder>` would send, made by kubectl or by kustomize itself. @throws Error when there is neither */
export async function kustomizeBuild(folder: string): Promise<Manifest[]> {
  const text = await build(folder);
  return parseAllDocuments(text).map((document) => Manifest.parse(document.toJS()));
}

async function build(folder: string): Promise<string> {
  for (const [program, ...args] of builders) {
    try {
      return await run(program, [...args, folder]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('The interop tests need kubectl 1.27 or kustomize 5.0, or newer: install one of them.');
}
