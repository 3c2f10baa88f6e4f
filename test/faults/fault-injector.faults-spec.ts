import { FaultInjector } from './fault-injector.js';
import type { Fault, FaultPlan } from './fault-plan.js';
import { pushOf } from './images.js';

const fault: Fault = { step: 'delivery', occurrence: 1, breakage: 'kill', done: false };
const plan: FaultPlan = { seed: 1, images: [], order: [], faults: [fault], downAtStart: false, slowness: 0 };

describe('faults/fault-injector', () => {
  let broken: Fault[];
  let injector: FaultInjector;

  beforeEach(() => {
    broken = [];
    injector = new FaultInjector((one) => broken.push(one));
    injector.begin(plan);
  });

  it('breaks the delivery of a message to a service', async () => {
    const entity = 'registry-events/Subscriptions/scan';

    expect(await injector.decide({ kind: 'deliver', entity })).toBe('drop');
    expect(broken).toEqual([fault]);
  });

  it('leaves the checker alone, who reads the event hub: a fault that was left over took an outcome out of its sight', async () => {
    const entity = 'outcomes/ConsumerGroups/audit/Partitions/0';

    expect(await injector.decide({ kind: 'deliver', entity })).toBe('proceed');
    expect(broken).toEqual([]);
  });

  it('knows a poison of an earlier seed: its last copy came when another seed ran, and led to outcomes there', () => {
    const poison = { name: 'seed-1/poison', publications: 1, poison: true, troubles: 0 };
    const sound = { ...poison, name: 'seed-1/sound', poison: false };
    const isSpent = ({ name }: typeof poison): boolean => injector.isSpent(pushOf(name));
    const first = { ...plan, images: [poison, sound] };

    injector.begin(first);
    injector.begin(first);
    expect([isSpent(poison), isSpent(sound)]).toEqual([false, false]);
    injector.begin({ ...plan, seed: 2 });
    injector.begin({ ...plan, seed: 3 });
    expect([isSpent(poison), isSpent(sound)]).toEqual([true, false]);
  });
});
