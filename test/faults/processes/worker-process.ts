import { appendFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { properConduct } from '../conduct.js';
import { FaultInjector } from '../fault-injector.js';
import { Worker } from '../worker.js';
import { type KillOrders, killVictim } from './kill-orders.js';

export interface WorkerRequest {
  kind: 'begin';
  orders: KillOrders;
}
export type WorkerReply = { kind: 'ready' } | { kind: 'begun' };

// Scan and sync of the tests in which real processes die. What they change at the registry is a line in a file.
const [, , connectionString = '', effectsFile = ''] = process.argv;
Logger.overrideLogger(false);
let orders: KillOrders | undefined;
let worker: Worker | undefined;
const injector = new FaultInjector((fault) => {
  if (orders !== undefined) killVictim(fault, orders);
});

process.on('message', (request: WorkerRequest) => {
  orders = request.orders;
  injector.begin(orders.plan);
  worker ??= Worker.start({
    connectionString,
    conduct: properConduct,
    act: (effect) => appendFileSync(effectsFile, `${JSON.stringify(effect)}\n`),
    reach: (step) => void injector.reach(step),
    isSpent: injector.isSpent.bind(injector),
    runIntoTrouble: injector.runIntoTrouble.bind(injector),
  });
  reply({ kind: 'begun' });
});
reply({ kind: 'ready' });

function reply(message: WorkerReply): void {
  process.send?.(message);
}
