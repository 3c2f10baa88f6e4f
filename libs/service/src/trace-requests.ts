import { Work } from '@pratique/telemetry';
import type { FastifyInstance } from 'fastify';
import { isAskedByThePlatform } from './asked-by-the-platform.js';

/**
 * One span for each request to a route, from its headers to its answer. Its name has the route and not the path: paths are
 * without number, and some senders can prove themselves with a secret in theirs only.
 */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ method, headers, routeOptions }, { raw }, done) => {
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
    // Not the hook `onResponse`: that does not run for an answer whose connection is gone.
    raw.once('close', () => endOf(work, raw.statusCode));
    work.run(done);
  });
}

function endOf(work: Work, status: number): void {
  const answered = { 'http.response.status_code': status };
  if (status >= 500) work.fail(new Error('answered with a server error'), answered);
  else work.end(answered);
}
