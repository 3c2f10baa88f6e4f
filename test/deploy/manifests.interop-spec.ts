import { existsSync } from 'node:fs';
import { type Manifest, kustomizeBuild } from './kustomize-build.js';
import { ManifestSchemas } from './manifest-schemas.js';
import { PodTemplate, workloadsOf } from './pod-templates.js';
import { egressPortsOf, whoMayReach } from './network-arrows.js';
import { parseConfig } from '@pratique/config';
import { z } from 'zod';

const services = ['audit', 'ingress', 'scan', 'sync'];

describe.each(['local', 'aks'])('k8s/overlays/%s', (overlay) => {
  let manifests: Manifest[];

  beforeAll(async () => {
    manifests = await kustomizeBuild(`k8s/overlays/${overlay}`);
  });

  const workloads = () => workloadsOf(manifests);
  const deployments = () => workloads().filter(({ kind }) => kind === 'Deployment');
  const named = (kind: string): string[] =>
    manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);

  it('is what the API server takes: every field is known and of its type', () => {
    const schemas = new ManifestSchemas();
    expect(manifests.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
  });

  it('has every service once, in one namespace under the restricted Pod Security Standard', () => {
    expect(deployments().map(({ name }) => name)).toEqual(services);
    const [namespace] = manifests.filter(({ kind }) => kind === 'Namespace');
    expect(namespace?.metadata).toMatchObject({
      name: 'pratique',
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
    const elsewhere = manifests.filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata['namespace'] !== 'pratique',
    );
    expect(elsewhere).toEqual([]);
  });

  it('runs no image without a version', () => {
    for (const { container } of workloads()) {
      expect(container.image).toMatch(/:[\w.-]+$/);
      expect(container.image).not.toMatch(/:latest$/);
    }
  });

  it('asks whether a service lives without asking for anything else, and whether it is ready', () => {
    for (const { container } of deployments()) {
      expect(container.livenessProbe).toMatchObject({ httpGet: { path: '/health/live' } });
      expect(container.readinessProbe).toMatchObject({ httpGet: { path: '/health/ready' } });
    }
  });

  it('gives a service more time to end than it takes for itself', () => {
    const { http } = parseConfig(
      { file: 'pratique.yaml', text: configurationOf(manifests) },
      z.object({ http: z.object({ shutdownDeadlineMs: z.number().default(25_000) }) }),
    );
    for (const { template, container } of deployments()) {
      const { sleep } = container.lifecycle?.preStop ?? { sleep: { seconds: 0 } };
      expect(sleep.seconds).toBeGreaterThan(0);
      const needed = sleep.seconds + http.shutdownDeadlineMs / 1000;
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
    }
  });

  it('runs programs that exist', () => {
    const ours = workloads().filter(({ container }) => container.image.includes('pratique'));
    const programs = ours.map(({ container }) => container.args?.[0] ?? '');

    expect(programs.filter((program) => !existsSync(program.replace(/\.js$/, '.ts')))).toEqual([]);
    expect(programs).toContain('apps/audit/src/migrate.js');
  });

  it('gives nobody any right in the cluster, and every service an identity of its own', () => {
    expect(manifests.filter(({ kind }) => /Role(?:Binding)?$/.test(kind))).toEqual([]);
    const identities = deployments().map(({ template }) => template.spec.serviceAccountName);
    expect(identities).toEqual(services);
    expect(named('ServiceAccount')).toEqual(services);
  });

  it('lets a drained node take one instance of a service at a time', () => {
    expect(named('PodDisruptionBudget')).toEqual(services);
  });

  it('lets nothing in and nothing out that no policy allows', () => {
    const byDefault = manifests.find(({ metadata }) => metadata.name === 'nothing-by-default');
    expect(byDefault?.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it.each(
    overlay === 'aks'
      ? [
          ['ingress', [443, 5671]],
          ['scan', [443, 5671]],
          ['sync', [443, 5671]],
          ['audit', [443, 5432, 5671]],
          ['migrate-audit', [443, 5432, 5671]],
        ]
      : [
          ['ingress', [5672]],
          ['scan', [443, 5000, 5672]],
          ['sync', [443, 5000, 5672]],
          ['audit', [5432, 5672]],
          ['migrate-audit', [5432]],
          ['emulator', []],
          ['postgres', []],
        ],
  )('lets %s speak to these ports and to DNS only: %j', (name, ports) => {
    expect(egressPortsOf(manifests, name)).toEqual([53, ...ports].toSorted((a, b) => a - b));
  });

  it('lets only the gateway reach ingress, and only who is marked reach audit', () => {
    expect(whoMayReach(manifests, 'ingress')).toEqual(['namespace gateway', 'namespace kube-system']);
    expect(whoMayReach(manifests, 'audit')).toEqual(['namespace kube-system', 'pratique.io/asks-audit=true']);
    expect(whoMayReach(manifests, 'scan')).toEqual(['namespace kube-system']);
  });
});

describe('k8s/overlays/aks', () => {
  it('puts everything in place that params.env says', async () => {
    const manifests = await kustomizeBuild('k8s/overlays/aks');
    const all = JSON.stringify(manifests);
    const params = manifests.find(({ metadata }) => metadata.name === 'params')?.data ?? {};

    expect(all).not.toMatch(/"(?:clientID|keyvaultName|tenantId|namespace|identityId)":""/);
    for (const value of Object.values(params)) expect(all.split(value).length).toBeGreaterThan(2);
    expect(configurationOf(manifests)).toContain(`namespace: "${params['serviceBus']}"`);
    expect(configurationOf(manifests)).toContain(`namespace: "${params['eventHubs']}"`);
  });

  it('scales every service: on what waits for it, and ingress on its processor', async () => {
    const manifests = await kustomizeBuild('k8s/overlays/aks');
    const scaled = manifests.flatMap(({ kind, spec }) => {
      if (kind !== 'ScaledObject' && kind !== 'HorizontalPodAutoscaler') return [];
      const target = z.object({ scaleTargetRef: z.object({ name: z.string() }) }).parse(spec);
      return [`${kind} of ${target.scaleTargetRef.name}`];
    });

    expect(scaled.toSorted()).toEqual([
      'HorizontalPodAutoscaler of ingress',
      'ScaledObject of audit',
      'ScaledObject of scan',
      'ScaledObject of sync',
    ]);
  });

  it('does not let audit have more instances than the event hub has partitions', async () => {
    const scaled = (await kustomizeBuild('k8s/overlays/aks')).find(
      ({ kind, metadata }) => kind === 'ScaledObject' && metadata.name === 'audit',
    );
    expect(scaled?.spec).toMatchObject({ maxReplicaCount: 4 });
  });
});

describe('the tests of manifests', () => {
  const good = async () => workloadsOf(await kustomizeBuild('k8s/overlays/aks'))[0]!.template;

  it.each([
    ['a container that may write to its root', 'readOnlyRootFilesystem', false],
    ['a container that may gain privileges', 'allowPrivilegeEscalation', true],
    ['a capability', 'capabilities', { drop: ['ALL'], add: ['NET_ADMIN'] }],
  ])('refuse %s', async (_, field, value) => {
    const template = structuredClone(await good()) as { spec: { containers: { securityContext: object }[] } };
    template.spec.containers[0]!.securityContext = {
      ...template.spec.containers[0]!.securityContext,
      [field]: value,
    };
    expect(PodTemplate.safeParse(template).success).toBe(false);
  });

  it('refuse a field that Kubernetes does not know', () => {
    const schemas = new ManifestSchemas();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { selectors: {} } };
    expect(schemas.problems(service)).toEqual([expect.stringContaining('selectors')]);
  });
});

function configurationOf(manifests: readonly Manifest[]): string {
  const config = manifests.find(({ data }) => data?.['pratique.yaml'] !== undefined);
  return config?.data?.['pratique.yaml'] ?? '';
}
