import { FastifyAdapter } from '@nestjs/platform-fastify';
import { closeConnectionsWhenAnswered } from './close-connections.js';
import { type AnsweredRequest, logRequests } from './log-requests.js';
import { traceRequests } from './trace-requests.js';

const headersTimeoutMs = 5_000;
// From its first byte to its last. Most webhook senders wait five seconds for an answer, and none sends more than a
// megabyte; together with the interval below, whoever dribbles is gone within ten seconds.
const requestTimeoutMs = 8_000;
// Longer than the idle time of the load balancers before us (Azure Application Gateway: 60 s), so that they are the ones
// to close: the other way round, a request may meet a connection that is just going away.
const keepAliveTimeoutMs = 65_000;
// Node enforces the first two only as often as it looks, by default every 30 s.
const checkIntervalMs = 1_000;

/**
 * Fastify with bounds on what a client may send and how slowly.
 *
 * Fastify reads no body: a handler that wants one calls `readRequestBody`, which bounds it, and gets the very bytes that
 * were sent. A webhook's signature is over those, and nothing is parsed before it is known who sent it.
 *
 * @param toldByService see `logRequests`
 */
export function boundedHttpAdapter(toldByService: (request: AnsweredRequest) => boolean): FastifyAdapter {
  const adapter = new FastifyAdapter({
    http: {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      maxHeaderSize: 16 * 1024,
    },
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxRequestsPerSocket: 10_000,
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  closeConnectionsWhenAnswered(fastify, requestTimeoutMs);
  traceRequests(fastify);
  logRequests(fastify, toldByService);
  return adapter;
}
