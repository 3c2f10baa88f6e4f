import type { ServerReport } from './server-messages.js';

/** Tells the parent where the server answers, and then how much processor time it has used, whenever it asks. */
export function reportToParent(port: number, stop: () => Promise<unknown>): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    send({ cpuMicroseconds: user + system });
  });
  process.on('disconnect', () => void stop().finally(() => process.exit()));
  send({ port });
}

function send(report: ServerReport): void {
  process.send?.(report);
}
