import { z } from 'zod';
import type { Manifest } from './kustomize-build.js';

const Probe = z.looseObject({ httpGet: z.object({ path: z.string() }).loose().optional() });
const Resources = z.object({ cpu: z.string(), memory: z.string() });

const Container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).optional(),
  resources: z.object({ requests: Resources, limits: Resources }),
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    privileged: z.literal(false),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
});

/** What must stand in every pod template of ours: parsing one is the test of the restricted Pod Security Standard. */
export const PodTemplate = z.object({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    automountServiceAccountToken: z.literal(false),
    enableServiceLinks: z.literal(false),
    serviceAccountName: z.string().optional(),
    hostNetwork: z.undefined().optional(),
    hostPID: z.undefined().optional(),
    hostIPC: z.undefined().optional(),
    terminationGracePeriodSeconds: z.number().optional(),
    securityContext: z.looseObject({
      runAsNonRoot: z.literal(true),
      runAsUser: z.number().positive(),
      seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
    }),
    initContainers: z.undefined().optional(),
    containers: z.array(Container).length(1),
    volumes: z.array(z.looseObject({ name: z.string(), hostPath: z.undefined().optional() })).default([]),
  }),
});
export type PodTemplate = z.infer<typeof PodTemplate>;

export interface Workload {
  kind: string;
  name: string;
  template: PodTemplate;
  container: PodTemplate['spec']['containers'][number];
}

/** Everything that runs containers. @throws ZodError that names what a pod template lacks */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests
    .filter(({ spec }) => spec?.['template'] !== undefined)
    .map(({ kind, metadata, spec }) => {
      const template = PodTemplate.parse(spec?.['template']);
      const [container] = template.spec.containers;
      if (container === undefined) throw new Error(`${metadata.name} runs nothing`);
      return { kind, name: metadata.name, template, container };
    });
}
