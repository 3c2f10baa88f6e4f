import { connect, type Socket } from 'node:net';
import type { BenchCase } from '../bench.js';
import { allAccepted, paced, percentile } from './load.js';
import type { ServerUnderTest } from './server-under-test.js';

const sockets = 1000;
const limitSeconds = 10;

/** How long a thousand clients can hold on that send a byte now and then, and what others wait meanwhile. */
export async function dribbleCase(ingress: ServerUnderTest): Promise<BenchCase[]> {
  const begun = performance.now();
  const dribbling = Array.from({ length: sockets }, (_, index) => dribble(ingress.port, index));
  const feeding = setInterval(() => {
    for (const socket of dribbling) if (socket.writable) socket.write('x');
  }, 500);
  const dropped = Promise.all(dribbling.map(closed)).then(() => (performance.now() - begun) / 1000);
  const others = paced(
    { port: ingress.port, registry: 'quiet' },
    { perSecond: 50, seconds: limitSeconds, over: 8 },
  );
  const seconds = await dropped.finally(() => clearInterval(feeding));
  const { latencies } = allAccepted(await others);
  const limits = { reference: 'the limit', rounds: 1 };
  const slowest = percentile(latencies, 0.99);
  return [
    {
      case: `${sockets} that dribble, dropped`,
      value: Number(seconds.toFixed(1)),
      unit: 's',
      referenceValue: limitSeconds,
      ratio: Number((seconds / limitSeconds).toFixed(3)),
      ...limits,
    },
    {
      case: `${sockets} that dribble, p99 of others`,
      value: Number(slowest.toFixed(1)),
      unit: 'ms',
      referenceValue: 1000,
      ratio: Number((slowest / 1000).toFixed(3)),
      ...limits,
      reference: 'what Distribution waits',
    },
  ];
}

/** Half of them never end their headers, half never their body. */
function dribble(port: number, index: number): Socket {
  const socket = connect(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
  socket.write(
    index % 2 === 0
      ? 'POST /webhooks/quiet HTTP/1.1\r\nHost: x\r\nX-Slow: '
      : 'POST /webhooks/quiet HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{',
  );
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
