import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Lets a server that is closing answer what it has begun, and not wait for anything else.
 *
 * `server.close()` alone waits for every connection: for one that has just been answered until its keep-alive time is
 * over, and for one that a browser opened in advance and never used until its headers are overdue. It also stops Node's
 * watch over requests that dribble (`requestTimeout`), so that one client who never ends its body would keep the service
 * from ending: who has not said everything in time is cut off here.
 *
 * @param patienceMs how long after the beginning of the end a request may take to arrive in full
 */
export function closeConnectionsWhenAnswered(fastify: FastifyInstance, patienceMs: number): void {
  let closing = false;
  const underWay = new Set<IncomingMessage>();
  const closeIfAnswered = (): void => {
    // In the next turn: the last answer has to leave first.
    if (closing && underWay.size === 0) setImmediate(() => fastify.server.closeAllConnections());
  };
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    underWay.add(raw);
    // Not the hook `onResponse`: that does not run for an answer whose connection is gone.
    reply.raw.once('close', () => {
      underWay.delete(raw);
      closeIfAnswered();
    });
    done();
  });
  fastify.addHook('preClose', (done) => {
    closing = true;
    closeIfAnswered();
    setTimeout(() => {
      for (const request of underWay) if (!request.complete) request.destroy();
    }, patienceMs).unref();
    done();
  });
}
