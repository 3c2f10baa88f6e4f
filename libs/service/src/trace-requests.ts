import { Work } from '@pratique/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAskedByThePlatform } from './asked-by-the-platform.js';

/**
 * One span for each request to a route, from its headers to its answer. Its name has the route and not the path: paths are
 * without number, and some senders can prove themselves with a secret in theirs only.
 */
export function traceRequests(fastify: FastifyInstance): void {
  const underWay = new WeakMap<FastifyRequest, Work>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url;
    if (route === undefined || isAskedByThePlatform(route)) {
      done();
      return;
    }
    const { traceparent } = headers;
    const work = Work.begin({
      name: `${method} ${route}`,
      kind: 'server',
      parent: typeof traceparent === 'string' ? traceparent : undefined,
      attributes: { 'http.request.method': method, 'http.route': route },
    });
    underWay.set(request, work);
    work.run(done);
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    const answered = { 'http.response.status_code': statusCode };
    const work = underWay.get(request);
    if (statusCode >= 500) work?.fail(new Error('answered with a server error'), answered);
    else work?.end(answered);
    done();
  });
}
