import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { FastifyRequest } from 'fastify';
import { HttpSettings } from './http-settings.js';
import { readRequestBody } from './read-request-body.js';
import { type RunningService, type ServiceOptions, startService } from './start-service.js';

@Controller()
class EchoController {
  @Post('echo')
  async echo(@Req() request: FastifyRequest): Promise<object> {
    const body = await readRequestBody(request.raw, 16);
    return 'bytes' in body ? { hex: body.bytes.toString('hex') } : body;
  }

  @Get('trouble')
  trouble(): never {
    throw new Error('a bug');
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

class Subscription extends Server implements CustomTransportStrategy {
  readonly heard: string[] = [];

  constructor(private readonly problem?: Error) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.heard.push('listen');
    callback(this.problem);
  }

  close(): void {
    this.heard.push('close');
  }

  on(): void {}

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as inherited
  unwrap<T>(): T {
    return this as unknown as T;
  }
}

class FakeProcess extends EventEmitter {
  exit(code: number): void {
    this.emit('exit', code);
  }
}

describe('service/start-service', () => {
  const running: RunningService[] = [];
  const start = async (options: Partial<ServiceOptions> = {}): Promise<RunningService> => {
    const http = HttpSettings.parse({ port: 0 });
    const logs = { level: 'silent' } as const;
    const service = await startService({
      name: 'test',
      modules: [EchoModule],
      http,
      logs,
      signals: 'none',
      ...options,
    });
    running.push(service);
    return service;
  };
  const post = (service: RunningService, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/echo`, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });

  it('is alive, and ready when every check passes', async () => {
    const service = await start({ readiness: () => [{ name: 'broker', check: () => Promise.resolve() }] });

    const live = await fetch(`${service.url}/health/live`);
    const ready = await fetch(`${service.url}/health/ready`);

    expect([live.status, ready.status]).toEqual([200, 200]);
    expect(await ready.json()).toEqual({ status: 'ready' });
  });

  it('is alive but not ready while a check fails, and names the check without its reason', async () => {
    const readiness = () => [{ name: 'broker', check: () => Promise.reject(new Error('amqp://secret')) }];
    const service = await start({ readiness });

    const live = await fetch(`${service.url}/health/live`);
    const ready = await fetch(`${service.url}/health/ready`);

    expect([live.status, ready.status]).toEqual([200, 503]);
    expect(await ready.json()).toEqual({ status: 'not-ready', obstacles: ['broker'] });
  });

  it('gives up on a check that never answers', async () => {
    const readiness = () => [{ name: 'broker', check: () => new Promise<void>(() => undefined) }];
    const service = await start({ readiness });

    expect((await fetch(`${service.url}/health/ready`)).status).toBe(503);
  });

  it.each(['application/json', 'text/plain', 'application/x-unheard-of', undefined])(
    'hands over the bytes of a body as they were sent, whatever it is called (%s)',
    async (type) => {
      const service = await start();

      const answer = await post(
        service,
        Buffer.from('{ "a":\xff', 'latin1'),
        type === undefined ? {} : { 'content-type': type },
      );

      expect(await answer.json()).toEqual({ hex: '7b202261223aff' });
    },
  );

  it('takes a body of exactly the limit and refuses one byte more, announced or not', async () => {
    const service = await start();
    const chunked = {
      method: 'POST',
      body: new Blob(['x'.repeat(17)]).stream(),
      duplex: 'half',
    } as RequestInit;

    const answers = await Promise.all([
      post(service, 'x'.repeat(16)),
      post(service, 'x'.repeat(17)),
      fetch(`${service.url}/echo`, chunked),
    ]);

    const [exact, announced, streamed] = await Promise.all(answers.map((answer) => answer.json()));
    expect(exact).toEqual({ hex: '78'.repeat(16) });
    expect([announced, streamed]).toEqual([{ refused: 'too-large' }, { refused: 'too-large' }]);
  });

  it('refuses a body that is encoded', async () => {
    const service = await start();

    expect(await (await post(service, 'x', { 'content-encoding': 'gzip' })).json()).toEqual({
      refused: 'encoded',
    });
  });

  it('hides what went wrong from the client', async () => {
    const service = await start();

    const answer = await fetch(`${service.url}/trouble`);

    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('a bug');
  });

  it('starts the subscriptions it is given, and closes them when it stops', async () => {
    const subscription = new Subscription();
    const service = await start({
      connect: (app) => void app.connectMicroservice({ strategy: subscription }),
    });

    await service.stop();

    expect(subscription.heard).toEqual(['listen', 'close']);
  });

  it('fails to start when a subscription does, and leaves nothing open', async () => {
    const strategy = new Subscription(new Error('no such subscription'));
    const connecting = start({ connect: (app) => void app.connectMicroservice({ strategy }) });

    await expect(connecting).rejects.toThrow('no such subscription');
    expect(strategy.heard).toEqual(['listen', 'close']);
  });

  it('fails to start on a port that is taken', async () => {
    const { url } = await start();
    const http = HttpSettings.parse({ port: Number(new URL(url).port) });

    await expect(start({ http })).rejects.toThrow('EADDRINUSE');
  });

  it.each(['SIGTERM', 'SIGINT'])('stops on %s, and then ends with status 0', async (signal) => {
    const signals = new FakeProcess();
    const service = await start({ signals });
    const exited = once(signals, 'exit');

    signals.emit(signal);

    expect(await exited).toEqual([0]);
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow();
    await service.stop();
    expect(signals.listenerCount(signal)).toBe(0);
  });

  it('does not wait for a connection that nobody uses', async () => {
    const service = await start();
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');

    await service.stop();

    expect(await closed).toBeDefined();
  });

  it('answers a request that is under way before it ends', async () => {
    const signals = new FakeProcess();
    const service = await start({ signals });
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n');
    await once(socket, 'data');

    const exited = once(signals, 'exit');
    signals.emit('SIGTERM');
    socket.write('done');
    const [answer] = (await once(socket, 'data')) as [Buffer];

    expect(answer.toString()).toMatch(/^HTTP\/1\.1 201 .*646f6e65/s);
    expect(await exited).toEqual([0]);
    socket.destroy();
  });
});
