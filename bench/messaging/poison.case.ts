import type { RegistryEvent } from '@pratique/contracts';
import { messagingSettingsFor } from '@pratique/messaging';
import type { Comparison } from '../compare-in-turn.js';
import type { Broker } from './broker.js';
import { fill } from './fill.js';
import { startNestConsumer } from './nest-consumer.js';
import { samplePushes } from './sample-events.js';

/** Seconds of work: over a fraction of one, the reference wavers by a tenth against itself. */
const count = 40_000;
const onePercent = count / 100;
const concurrency = 32;

/** How fast the good events are handled, with and without some among them that fail at every attempt. */
export function poisonCase(broker: Broker): Comparison {
  return {
    case: 'poison',
    unit: 'good events/s',
    reference: 'the same without poison',
    measureReference: () => rateOfGood(broker, samplePushes(count)),
    measure: () =>
      rateOfGood(
        broker,
        samplePushes(onePercent, 'poison').flatMap((poison) => [poison, ...samplePushes(100)]),
      ),
  };
}

async function rateOfGood(broker: Broker, events: readonly RegistryEvent[]): Promise<number> {
  await fill(broker, events);
  const handledAll = Promise.withResolvers<number>();
  let start: number | undefined;
  let handled = 0;
  const settings = messagingSettingsFor(broker.connectionString, {
    concurrency,
    // So soon that every attempt, the last one too, falls into the time that is measured.
    redelivery: { maxAttempts: 4, baseDelayMs: 10, maxDelayMs: 100 },
  });
  const app = await startNestConsumer(settings, (event) => {
    start ??= performance.now();
    if (event.data.registry === 'poison') throw new Error('always');
    handled += 1;
    if (handled === count) handledAll.resolve(performance.now());
  });
  const seconds = ((await handledAll.promise) - (start ?? Number.NaN)) / 1000;
  await broker.drained();
  await app.close();
  return count / seconds;
}
