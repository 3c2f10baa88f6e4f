import { setImmediate as idle } from 'node:timers/promises';
import { type RegistryEvent, RegistryName } from '@pratique/contracts';
import { buildArtifact, type BuiltImage } from '@pratique/oci';
import { RetryLater } from '@pratique/messaging';
import { DistributionSettings } from '@pratique/registries';
import type { RegistryConnections } from '@pratique/registry-access';
import { anImageApproved, anImageDeleted, anImagePushed } from '@pratique/testing';
import fc from 'fast-check';
import type { z } from 'zod';
import { compileRules } from '../src/compiled-rule.js';
import { FollowEvent } from '../src/follow-event.js';
import { SyncImage } from '../src/sync-image.js';
import { SyncRule } from '../src/sync-rule.js';
import { MemoryRegistry, repository } from './memory-registry.js';
import { RandomOrder } from './random-order.js';

const images = [0, 1, 2, 3].map((n) => buildArtifact({ files: { 'a.txt': `image ${n}` } }));

export interface Step {
  /** The image that is pushed, by number, or a deletion. */
  image: number | 'deleted';
  tag: '1' | '2';
  /** How often the webhook of it arrives; the order is left to chance. */
  deliveries: number;
}

export interface History {
  seed: number;
  workers: number;
  steps: Step[];
}

/** Histories of up to twelve changes of two tags, followed by up to four workers. */
export const histories = fc.record<History>({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  workers: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(
    fc.record<Step>({
      image: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant('deleted') }),
      tag: fc.constantFrom('1', '2'),
      deliveries: fc.constantFrom(1, 1, 1, 2, 3),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

export interface Played {
  source: Record<string, string>;
  target: Record<string, string>;
  /** Times that a tag was put at the target. */
  puts: number;
  /** What was approved, as `tag digest`. */
  approved: Set<string>;
}

interface Letter {
  event: RegistryEvent;
  attempt: number;
}

/** Lets real workers follow a history between two registries, their requests in any order. */
export async function playHistory(
  { seed, workers, steps }: History,
  rule: Partial<z.input<typeof SyncRule>> = {},
): Promise<Played> {
  const order = new RandomOrder(seed);
  const [source, target] = [new MemoryRegistry('vendor', order), new MemoryRegistry('customer', order)];
  const mail: Letter[] = [];
  const approved = new Set<string>();
  let ahead = steps.length;
  const happen = async (): Promise<void> => {
    for (const [at, step] of steps.entries()) {
      // So that some things happen close together and some far apart.
      for (let turns = order.below(30); turns >= 0; turns--) await order.turn();
      const event = change(source, step, at);
      const decided = rule.when === 'approved' && step.image !== 'deleted';
      if (decided) approved.add(`${step.tag} ${event.data.digest}`);
      const told = decided ? anImageApproved({}, event) : event;
      for (let copies = 0; copies < step.deliveries; copies++) mail.push({ event: told, attempt: 1 });
      ahead -= 1;
    }
  };
  let busy = 0;
  const work = async (followEvent: FollowEvent): Promise<void> => {
    while (ahead > 0 || mail.length > 0 || busy > 0) {
      await order.turn();
      const [letter] = mail.splice(order.below(Math.max(1, mail.length)), 1);
      if (letter === undefined) continue;
      busy += 1;
      if (!(await follow(followEvent, letter))) mail.push({ ...letter, attempt: letter.attempt + 1 });
      busy -= 1;
    }
  };
  await Promise.all([happen(), ...Array.from({ length: workers }, () => work(worker(source, target, rule)))]);
  await idle();
  const shown = (registry: MemoryRegistry) => Object.fromEntries([...registry.tags].sort());
  return { source: shown(source), target: shown(target), puts: target.puts, approved };
}

/** Each as a process of its own: they share nothing but the registries. */
function worker(source: MemoryRegistry, target: MemoryRegistry, rule: object): FollowEvent {
  const settings = (name: string) =>
    DistributionSettings.parse({ name, kind: 'distribution', host: `${name}.example` });
  const connections: RegistryConnections = new Map([
    [
      RegistryName.parse('vendor'),
      { settings: settings('vendor'), client: source.client, reader: source.client },
    ],
    [
      RegistryName.parse('customer'),
      { settings: settings('customer'), client: target.client, reader: target.client },
    ],
  ]);
  const rules = compileRules([
    SyncRule.parse({
      ...{ name: 'mirror', from: 'vendor', to: 'customer', repositories: ['**'], when: 'pushed' },
      referrers: false,
      ...rule,
    }),
  ]);
  const outcomes = { publish: () => Promise.resolve() };
  return new FollowEvent({ rules, connections, outcomes, syncImage: new SyncImage(connections) });
}

async function follow(followEvent: FollowEvent, { event, attempt }: Letter): Promise<boolean> {
  try {
    await followEvent.follow(event, { attempt, lastAttempt: false, signal: new AbortController().signal });
    return true;
  } catch (error) {
    if (error instanceof RetryLater) return false;
    throw error;
  }
}

function change(source: MemoryRegistry, { image, tag }: Step, at: number): RegistryEvent {
  const data = { repository, tag, occurredAt: new Date(at).toISOString() };
  if (image === 'deleted') {
    const digest = source.tags.get(tag);
    source.tags.delete(tag);
    return anImageDeleted({ ...data, digest });
  }
  const built = images[image] as BuiltImage;
  source.push(tag, built);
  return anImagePushed({ ...data, digest: built.root.digest });
}
