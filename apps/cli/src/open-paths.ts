import { describeNamePattern, describeTagPattern } from '@pratique/config';
import { type Gate, gateOf } from '../../sync/src/gate-of.js';
import type { SyncConfig } from '../../sync/src/sync.settings.js';

/** A rule that lets images up the order of trust, and what they have to pass on the way. */
export interface OpenPath {
  rule: string;
  from: { registry: string; trust: string };
  to: { registry: string; trust: string };
  gate: Gate;
  repositories: readonly string[];
  tags: readonly string[];
}

/** The ways up that the rules open. A file with a way up that has no gate is refused before this is asked. */
export function openPaths({ trust = [], registries, sync }: SyncConfig): OpenPath[] {
  const place = (name: string) => {
    const registry = registries.find((each) => each.name === name);
    return { registry, trust: registry?.trust ?? '', level: trust.indexOf(registry?.trust ?? '') };
  };
  const hops = sync.flatMap((rule) => rule.to.map((to) => ({ rule, to })));
  return hops.flatMap(({ rule, ...hop }): OpenPath[] => {
    const [from, to] = [place(rule.from), place(hop.to)];
    if (to.registry === undefined || from.level < 0 || to.level <= from.level) return [];
    const gate = gateOf(rule, to.registry);
    if (gate === undefined) return [];
    return [
      {
        rule: rule.name,
        from: { registry: rule.from, trust: from.trust },
        to: { registry: hop.to, trust: to.trust },
        gate,
        repositories: rule.repositories.map(describeNamePattern),
        tags: rule.tags.map(describeTagPattern),
      },
    ];
  });
}

const gateSentences: Record<Gate, string> = {
  cleared: 'only once a scan has cleared it',
  approved: 'only once it has been approved',
  quarantine: 'at once, and into quarantine, where it cannot be pulled before its verdict',
};

/** A path in a sentence. */
export function describePath({ rule, from, to, gate, repositories, tags }: OpenPath): string {
  const names = `${repositories.join(', ')}, tags ${tags.join(', ')}`;
  return `${from.registry} (${from.trust}) → ${to.registry} (${to.trust}) by rule ${rule}: an image goes up ${gateSentences[gate]} [${names}]`;
}
