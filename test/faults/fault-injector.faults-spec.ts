import { FaultInjector } from './fault-injector.js';
import type { Fault, FaultPlan } from './fault-plan.js';

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
});
