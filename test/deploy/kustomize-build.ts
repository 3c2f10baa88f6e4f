import { run } from '../processes/child-process.js';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

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
  const text = await run('kubectl', ['kustomize', folder]).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return run('kustomize', ['build', folder]);
  });
  return parseAllDocuments(text).map((document) => Manifest.parse(document.toJS()));
}
