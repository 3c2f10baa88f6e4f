import { messagingSettingsFor } from '@pratique/messaging';
import type { Comparison } from '../compare-in-turn.js';
import { connectBare, receiveBare } from './bare-sdk.js';
import type { Broker } from './broker.js';
import { fill } from './fill.js';
import { startNestConsumer } from './nest-consumer.js';
import { samplePushes } from './sample-events.js';

/** Seconds of work: over a fraction of one, the reference wavers by a tenth against itself. */
const count = 20_000;
const concurrency = 32;

/**
 * Receives, handles and completes; from the first event that is handled to the last that is completed. On both sides as many
 * handlers run at a time.
 *
 * @param options `prefetch`: what ours holds beside those, which the SDK cannot be told
 */
export function receiveCase(options: { broker: Broker; name: string; prefetch: number }): Comparison {
  const { broker, name, prefetch } = options;
  return {
    case: name,
    unit: 'events/s',
    reference: `SDK, subscribe, JSON.parse, completeMessage, ${concurrency} at a time`,
    measureReference: () =>
      rateOf(broker, async (handle) => {
        const client = connectBare(broker.connectionString);
        receiveBare(client, { concurrency, handle });
        return () => client.close();
      }),
    measure: () =>
      rateOf(broker, async (handle) => {
        const settings = messagingSettingsFor(broker.connectionString, { concurrency, prefetch });
        const app = await startNestConsumer(settings, handle);
        return () => app.close();
      }),
  };
}

async function rateOf(
  broker: Broker,
  consume: (handle: () => void) => Promise<() => Promise<void>>,
): Promise<number> {
  await fill(broker, samplePushes(count));
  let start: number | undefined;
  const stop = await consume(() => {
    start ??= performance.now();
  });
  await broker.drained();
  const seconds = (performance.now() - (start ?? Number.NaN)) / 1000;
  await stop();
  return count / seconds;
}
