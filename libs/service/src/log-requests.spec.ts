import { connect } from 'node:net';
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import fastifyFactory, { type FastifyInstance } from 'fastify';
import { type AnsweredRequest, logRequests } from './log-requests.js';

type Line = Record<string, unknown>;

describe('service/log-requests', () => {
  let fastify: FastifyInstance;
  let lines: Line[];
  let written: (count: number) => Promise<Line[]>;

  async function start(toldByService: (request: AnsweredRequest) => boolean = () => false): Promise<number> {
    let heard = Promise.withResolvers<void>();
    const keep = (level: string) => (line: Line) => {
      lines.push({ level, ...line });
      heard.resolve();
      heard = Promise.withResolvers();
    };
    Logger.overrideLogger({ log: keep('info'), warn: keep('warn'), error: keep('error') });
    written = async (count) => {
      while (lines.length < count) await heard.promise;
      return lines;
    };
    fastify = fastifyFactory();
    logRequests(fastify, toldByService);
    fastify.post('/webhooks/:registry', () => 'heard');
    fastify.post('/webhooks/:registry/:token', () => 'heard');
    fastify.get('/health/live', () => 'live');
    fastify.get('/trouble', (_request, reply) => reply.status(503).send('no'));
    fastify.get('/never', () => new Promise(() => undefined));
    await fastify.listen({ port: 0 });
    return (fastify.server.address() as AddressInfo).port;
  }

  beforeEach(() => (lines = []));
  afterEach(async () => {
    Logger.overrideLogger(false);
    await fastify.close();
  });

  it.each([
    ['POST', '/webhooks/hub?code=hush', '/webhooks/hub', 200, 'info'],
    ['POST', '/webhooks/hub/hush', '/webhooks/hub/***', 200, 'info'],
    ['POST', '/webhooks/hub/hush/', '/webhooks/hub/***', 404, 'warn'],
    ['POST', '/webhooks/hub/hush/more?hush', '/webhooks/hub/***', 404, 'warn'],
    ['GET', '/webhooks/hub/hush', '/webhooks/hub/***', 404, 'warn'],
    ['POST', '/webhooks/hub%2Fhush', '/webhooks/hub/***', 200, 'info'],
    ['POST', '/webhooks/hub%252fhush', '/webhooks/hub/***', 200, 'info'],
    ['POST', '/webhooks%2Fhub%2Fhush', '/webhooks/hub/***', 404, 'warn'],
    ['GET', '/trouble', '/trouble', 503, 'error'],
  ])('writes %s %s as %s, answered %i, at level %s', async (...[method, url, path, status, level]) => {
    const port = await start();
    await (await fetch(`http://127.0.0.1:${port}${url}`, { method })).text();
    const [line] = await written(1);
    expect(line).toMatchObject({ level, method, path, status, ms: expect.any(Number) as number });
    expect(line?.['msg']).toContain(`${method} ${path} was answered ${status} in `);
    expect(JSON.stringify(line)).not.toContain('hush');
  });

  it('writes nothing of what the platform asks, nor of what the service tells itself', async () => {
    const port = await start(({ route, status }) => route === '/webhooks/:registry' && status === 200);
    for (const [method, path] of [
      ['GET', '/health/live'],
      ['POST', '/webhooks/hub'],
      ['GET', '/trouble'],
    ] as const)
      await (await fetch(`http://127.0.0.1:${port}${path}`, { method })).text();
    expect(await written(1)).toEqual([expect.objectContaining({ path: '/trouble' })]);
  });

  it('says so when the sender went away before it had the answer', async () => {
    const port = await start(() => true);
    const socket = connect(port, '127.0.0.1');
    const asked = once(fastify.server, 'request');
    socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
    await asked;
    socket.destroy();
    const [line] = await written(1);
    expect(line).toMatchObject({ level: 'warn', path: '/never' });
    expect(line?.['msg']).toMatch(/^GET \/never: its sender went away after \d+ ms/);
  });
});
