import { type Interceptor, startAzureMessagingEmulator } from '@pratique/emulators-azure-messaging';
import { exampleOutcome } from '../test/example-events.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { messagingTopology } from './messaging-topology.js';

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

  describe('with outcomes of one subject', () => {
    const outcomes = Array.from({ length: 30 }, (_, index) => ({
      ...exampleOutcome(),
      id: `outcome-${index}`,
    }));
    const ids = outcomes.map(({ id }) => id);

    async function restart(intercept: Interceptor, timeoutMs = 2_000): Promise<void> {
      await bus.close();
      bus = await startBus({
        intercept,
        tuning: { retry: { maxRetries: 0, delayMs: 1, maxDelayMs: 5, timeoutMs } },
      });
    }

    it('keeps their order, and shares batches among those that are published at the same time', async () => {
      const sends: number[] = [];
      await restart(({ kind, messageIds = [] }) => {
        if (kind === 'event-hub-send') sends.push(messageIds.length);
        return 'proceed';
      });
      await Promise.all(outcomes.map((outcome) => bus.outcomes.publish(outcome)));
      expect((await bus.outcomesUntil(30)).map(({ id }) => id)).toEqual(ids);
      expect(sends).toEqual([30]);
    });

    it('keeps their order when the broker swallows a batch, and tries over another connection', async () => {
      let sends = 0;
      await restart(({ kind }) => {
        if (kind !== 'event-hub-send') return 'proceed';
        sends += 1;
        return sends === 1 ? 'drop' : 'proceed';
      }, 400);
      const first = bus.outcomes.publish(outcomes[0]!);
      await Promise.resolve();
      await Promise.all([first, ...outcomes.slice(1).map((outcome) => bus.outcomes.publish(outcome))]);
      expect((await bus.outcomesUntil(30)).map(({ id }) => id)).toEqual(ids);
    });
  });

  it('tries until Event Hubs is there again for a publisher who wants to wait', async () => {
    const { port } = bus.emulator;
    await bus.emulator.close();
    const { signal } = new AbortController();
    const published = bus.outcomes.publish(exampleOutcome('patient'), { signal });
    await expect(bus.outcomes.publish(exampleOutcome('patient'))).rejects.toMatchObject({
      code: 'not-published',
    });
    const again = await startAzureMessagingEmulator({ port, storage: 'memory', ...messagingTopology() });
    await published;
    const { partitions } = again.eventHubStats('outcomes');
    expect(partitions.reduce((sum, { events }) => sum + events, 0)).toBe(1);
    await bus.clients.close();
    await again.close();
  });

  it('gives up when the publisher does', async () => {
    await bus.emulator.close();
    const patience = new AbortController();
    const published = bus.outcomes.publish(exampleOutcome(), { signal: patience.signal });
    patience.abort();
    await expect(published).rejects.toMatchObject({ code: 'not-published' });
    await expect(bus.outcomes.publish(exampleOutcome(), { signal: patience.signal })).rejects.toMatchObject({
      code: 'not-published',
    });
  });

  it('still publishes for somebody whose patience has ended while Event Hubs is there', async () => {
    const patience = new AbortController();
    const first = bus.outcomes.publish(exampleOutcome('first'), { signal: patience.signal });
    patience.abort();
    await first;
    await bus.outcomes.publish(exampleOutcome('second'), { signal: patience.signal });
    expect(await bus.outcomesUntil(2)).toHaveLength(2);
  });

  it('says that an outcome was not published when Event Hubs is away', async () => {
    await bus.emulator.close();
    await expect(bus.outcomes.publish(exampleOutcome())).rejects.toMatchObject({ code: 'not-published' });
  });
});
