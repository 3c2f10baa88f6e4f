import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fastify as createFastify, type FastifyInstance } from 'fastify';
import { closeConnectionsWhenAnswered } from './close-connections.js';
import { readRequestBody } from './read-request-body.js';

const head = 'POST / HTTP/1.1\r\nHost: x\r\n';
const longPatienceMs = 60_000;

describe('service/close-connections', () => {
  let fastify: FastifyInstance;
  /** Settles when the handler has begun to read a body. */
  let reading: PromiseWithResolvers<void>;

  async function open(patienceMs: number, ...sent: string[]): Promise<Socket[]> {
    reading = Promise.withResolvers();
    // As long as a keep-alive connection may be: without the hooks, closing would wait for it.
    fastify = createFastify({ keepAliveTimeout: longPatienceMs });
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
    closeConnectionsWhenAnswered(fastify, patienceMs);
    fastify.post('/', async ({ raw }) => {
      reading.resolve();
      return readRequestBody(raw, 10_000);
    });
    await fastify.listen({ port: 0 });
    const { port } = fastify.server.address() as AddressInfo;
    return Promise.all(
      sent.map(async (text) => {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        await once(socket, 'connect');
        socket.write(text);
        return socket;
      }),
    );
  }

  it('cuts off a client that never ends its body: it must not keep the service from ending', async () => {
    const [dribbling] = await open(50, `${head}Content-Length: 1000\r\n\r\n{`);
    const cut = closed(dribbling!);
    await reading.promise;

    await fastify.close();

    await cut;
  });

  it('cuts off a client that never ends its headers', async () => {
    const [dribbling] = await open(longPatienceMs, `${head}X-Slow: `);
    const cut = closed(dribbling!);

    await fastify.close();

    await cut;
  });

  it('waits for the rest of a body that arrives in time, and answers', async () => {
    const [slow] = await open(longPatienceMs, `${head}Content-Length: 2\r\n\r\n{`);
    await reading.promise;

    const closed = fastify.close();
    slow!.write('}');

    const [answer] = (await once(slow!, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
    await closed;
  });

  it('does not wait for the answer to a client that went away in the middle', async () => {
    const [gone] = await open(longPatienceMs, `${head}Content-Length: 1000\r\n\r\n{`);
    await reading.promise;
    gone!.destroy();

    await fastify.close();
    expect(fastify.server.listening).toBe(false);
  });
});

/** `once` would take the reset of a connection that is cut for a failure. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
