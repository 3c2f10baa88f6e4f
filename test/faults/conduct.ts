import { type RegistryEvent, registryEventType, type SubscriptionName } from '@pratique/contracts';
import type { Delivery, OutcomePublisher, RegistryEventPublisher } from '@pratique/messaging';
import type { Step } from './fault-plan.js';
import type { Effect } from './history.js';
import { clearanceOf, scanOutcome, syncOutcome } from './images.js';

/** The services whose work is watched. */
export const services = ['scan', 'sync'] as const satisfies SubscriptionName[];
export type Service = (typeof services)[number];

/** One delivery to a service, and what the service can do about it. */
export interface Task {
  service: Service;
  event: RegistryEvent;
  delivery: Delivery;
  outcomes: Pick<OutcomePublisher, 'publish'>;
  events: Pick<RegistryEventPublisher, 'publish'>;
  /** A place where the process may die: a dead one goes no further. */
  reach: (step: Step) => Promise<void>;
  /** @throws Error as the plan wants this attempt to fail */
  runIntoTrouble: () => void;
  /** Changes something at the registry, which does it once for each key and else finds it done. */
  act: (effect: Effect) => void;
}

/** What a service does with a delivery. */
export type Conduct = (task: Task) => Promise<void>;

/** As scan and sync do it: act, tell, pass on. Every id is derived from the event. */
export const properConduct: Conduct = async (task) => {
  const { service, event, delivery, outcomes, events } = task;
  const { signal } = delivery;
  await task.reach('before the effect');
  task.runIntoTrouble();
  const image = event.data.repository;
  if (service === 'scan') {
    task.act({ what: 'released', image, key: event.id });
    await task.reach('after the effect');
    await outcomes.publish(scanOutcome(event), { signal });
    await events.publish(clearanceOf(event));
  } else if (event.type === registryEventType.cleared) {
    task.act({ what: 'copied', image, key: event.id });
    await task.reach('after the effect');
    await outcomes.publish(syncOutcome(event), { signal });
  }
};
