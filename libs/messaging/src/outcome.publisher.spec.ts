import { exampleOutcome } from '../test/example-events.js';
import { type Bus, startBus } from '../test/start-bus.js';

describe('messaging/outcome.publisher', () => {
  let bus: Bus;
  beforeEach(async () => {
    bus = await startBus();
  });
  afterEach(() => bus.close());

  function perPartition(): number[] {
    return bus.emulator.eventHubStats('outcomes').partitions.map(({ events }) => events);
  }

  it('has Event Hubs store the outcome before it resolves', async () => {
    const outcome = exampleOutcome();
    await bus.outcomes.publish(outcome);
    expect(perPartition().reduce((sum, events) => sum + events)).toBe(1);
    expect(await bus.outcomesUntil(1)).toEqual([outcome]);
  });

  it('puts outcomes with one subject into one partition, also when the subject is too long for a key', async () => {
    const long = { ...exampleOutcome(), subject: `samples/${'x'.repeat(400)}` };
    await bus.outcomes.publish(long);
    await bus.outcomes.publish(long);
    expect(perPartition().filter((events) => events > 0)).toEqual([2]);
  });

  it('refuses an outcome above 64 KiB before it sends anything', async () => {
    const outcome = exampleOutcome();
    const large = { ...outcome, data: { ...outcome.data, details: { findings: 'x'.repeat(70_000) } } };
    await expect(bus.outcomes.publish(large)).rejects.toMatchObject({ code: 'too-large' });
    expect(perPartition()).toEqual([0, 0, 0, 0]);
  });

  it('says that an outcome was not published when Event Hubs is away', async () => {
    await bus.emulator.close();
    await expect(bus.outcomes.publish(exampleOutcome())).rejects.toMatchObject({ code: 'not-published' });
  });
});
