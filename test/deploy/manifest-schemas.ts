import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';
import type { Manifest } from './kustomize-build.js';

const AnySchema = z.record(z.string(), z.unknown());
const Kubernetes = z.object({
  kinds: z.record(z.string(), z.string()),
  $defs: z.record(z.string(), AnySchema),
});
const CustomResources = z.object({ kinds: z.record(z.string(), z.object({ schema: AnySchema })) });

function read(name: string): unknown {
  return JSON.parse(readFileSync(join('test', 'deploy', 'schemas', name), 'utf8'));
}

/**
 * The API server's own schemas, of Kubernetes and of the custom resources: unknown fields are refused, as `kubectl apply
 * --validate=strict` does. test/deploy/schemas says where they are from.
 */
export class ManifestSchemas {
  private readonly validators = new Map<string, ValidateFunction>();

  constructor() {
    const { kinds, $defs } = Kubernetes.parse(read('kubernetes-1.33.json'));
    const custom = CustomResources.parse(read('custom-resources.json'));
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    for (const [kind, definition] of Object.entries(kinds)) {
      this.validators.set(kind, ajv.compile({ $ref: `#/$defs/${definition}`, $defs }));
    }
    for (const [kind, { schema }] of Object.entries(custom.kinds)) {
      this.validators.set(kind, ajv.compile({ ...schema, $defs }));
    }
  }

  /** What is wrong with a manifest, as `Deployment scan /spec/replicas must be integer`. */
  problems(manifest: Manifest): string[] {
    const { apiVersion, kind, metadata } = manifest;
    const validate = this.validators.get(`${apiVersion}/${kind}`);
    if (validate === undefined)
      return [`${kind} ${metadata.name}: there is no schema of ${apiVersion}/${kind}`];
    if (validate(manifest)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) =>
        `${kind} ${metadata.name} ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }
}
