import type { Bench } from './bench.js';
import { emulatorBench } from './emulator/emulator.bench.js';
import { ingressBench } from './ingress/ingress.bench.js';
import { messagingBench } from './messaging/messaging.bench.js';
import { scanBench } from './scan/scan.bench.js';
import { syncBench } from './sync/sync.bench.js';

/** `npm run -s bench -- <name>` finds a bench here. */
export const benches: Record<string, Bench> = {
  emulator: emulatorBench,
  ingress: ingressBench,
  messaging: messagingBench,
  scan: scanBench,
  sync: syncBench,
};
