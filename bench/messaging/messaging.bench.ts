import type { Bench } from '../bench.js';
import { compareInTurn } from '../compare-in-turn.js';
import { Broker } from './broker.js';
import { poisonCase } from './poison.case.js';
import { receiveCase } from './receive.case.js';
import { sendCase } from './send.case.js';

/**
 * - `send`: events published so many at a time, against the SDK's `sendMessages` for each
 * - `send-alone`: the same, one at a time
 * - `receive`: received, handled and completed through the Nest transport, against the SDK's `subscribe`; the next events are
 *   there when a handler ends
 * - `receive-no-prefetch`: the same, each asked for when a handler has ended
 * - `poison`: what 1 % of messages that always fail costs the others, against the same load without them
 */
export const messagingBench: Bench = async ({ onCase }) => {
  const broker = await Broker.start();
  try {
    onCase(await compareInTurn(sendCase({ broker, name: 'send', concurrency: 64 })));
    onCase(await compareInTurn(sendCase({ broker, name: 'send-alone', concurrency: 1 })));
    onCase(await compareInTurn(receiveCase({ broker, name: 'receive', prefetch: 32 })));
    onCase(await compareInTurn(receiveCase({ broker, name: 'receive-no-prefetch', prefetch: 0 })));
    onCase(await compareInTurn(poisonCase(broker)));
  } finally {
    await broker.stop();
  }
};
