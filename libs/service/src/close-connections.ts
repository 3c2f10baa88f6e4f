import type { FastifyInstance } from 'fastify';

/**
 * Lets a server that is closing answer what it has begun, and not wait for anything else.
 *
 * `server.close()` alone waits for every connection: for one that has just been answered until its keep-alive time is
 * over, and for one that a browser opened in advance and never used until its headers are overdue.
 */
export function closeConnectionsWhenAnswered(fastify: FastifyInstance): void {
  let closing = false;
  let underWay = 0;
  const closeIfAnswered = (): void => {
    // In the next turn: the last answer has to leave first.
    if (closing && underWay === 0) setImmediate(() => fastify.server.closeAllConnections());
  };
  fastify.addHook('onRequest', (_request, _reply, done) => {
    underWay += 1;
    done();
  });
  fastify.addHook('onResponse', (_request, _reply, done) => {
    underWay -= 1;
    closeIfAnswered();
    done();
  });
  // When a client goes away before it is answered, `onResponse` runs all the same.
  fastify.addHook('preClose', (done) => {
    closing = true;
    closeIfAnswered();
    done();
  });
}
