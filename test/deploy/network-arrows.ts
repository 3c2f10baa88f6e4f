import { z } from 'zod';
import type { Manifest } from './kustomize-build.js';
import { workloadsOf } from './pod-templates.js';

const Selector = z.object({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
});
type Selector = z.infer<typeof Selector>;

const Ports = z.array(z.object({ port: z.number() }));
const Peer = z.object({ namespaceSelector: Selector.optional(), podSelector: Selector.optional() });

const Policy = z.object({
  podSelector: Selector,
  egress: z.array(z.object({ ports: Ports })).default([]),
  ingress: z.array(z.object({ ports: Ports, from: z.array(Peer).min(1) })).default([]),
});

// A rule without ports, or without a peer on the way in, would allow everything: parsing refuses it.
function policiesFor(manifests: readonly Manifest[], name: string) {
  const labels = labelsOf(manifests, name);
  return manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => Policy.parse(spec))
    .filter(({ podSelector }) => selects(podSelector, labels));
}

/** The ports of others that a workload may speak to, in order. */
export function egressPortsOf(manifests: readonly Manifest[], name: string): number[] {
  const ports = policiesFor(manifests, name).flatMap(({ egress }) => egress.flatMap((rule) => rule.ports));
  return [...new Set(ports.map(({ port }) => port))].toSorted((a, b) => a - b);
}

/** Who may speak to a workload, in words. */
export function whoMayReach(manifests: readonly Manifest[], name: string): string[] {
  const peers = policiesFor(manifests, name).flatMap(({ ingress }) => ingress.flatMap(({ from }) => from));
  return peers.map(describePeer).toSorted();
}

function describePeer({ namespaceSelector, podSelector }: z.infer<typeof Peer>): string {
  const namespace = namespaceSelector?.matchLabels['kubernetes.io/metadata.name'];
  if (namespace !== undefined) return `namespace ${namespace}`;
  return Object.entries(podSelector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join();
}

function labelsOf(manifests: readonly Manifest[], name: string): Record<string, string> {
  const workload = workloadsOf(manifests).find((candidate) => candidate.name === name);
  if (workload === undefined) throw new Error(`There is no workload ${name}.`);
  return workload.template.metadata.labels;
}

function selects({ matchLabels, matchExpressions }: Selector, labels: Record<string, string>): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
