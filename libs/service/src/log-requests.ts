import { Logger } from '@nestjs/common';
import { Work } from '@pratique/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isAskedByThePlatform } from './asked-by-the-platform.js';

/** A request that was answered. */
export interface AnsweredRequest {
  /** As it was registered, `/webhooks/:registry`; undefined where no route has the address and the method. */
  route: string | undefined;
  status: number;
}

/** Parameters of routes that hold a secret: some senders can prove themselves in no other way. */
const secretParameters: readonly string[] = ['token'];

/** Of an address that no route has, or that hides its slashes, so much is written: what follows may be a secret with a slip in it. */
const writtenSegments = 2;
// A slash may be written as an escape, and a percent sign too: then one parameter of a route holds what is meant for two.
const escapedSlash = /%(?:25)*2f/i;
const slashes = /\/|%(?:25)*2f/i;

/**
 * One line for each request, without its headers, query, body and the secrets of its path, when it was answered or its sender has
 * gone. pino-http writes such lines too, and makes a logger for each request: half of the time that a webhook takes.
 *
 * @param toldByService requests of which the service itself tells what became of each
 */
export function logRequests(
  fastify: FastifyInstance,
  toldByService: (request: AnsweredRequest) => boolean,
): void {
  const logger = new Logger('Requests');
  fastify.addHook('onRequest', (request, { raw }, done) => {
    const path = pathOf(request);
    if (!isAskedByThePlatform(path)) {
      const [startedAt, work] = [performance.now(), Work.current()];
      raw.once('close', () => {
        const { statusCode: status, writableFinished } = raw;
        if (writableFinished && toldByService({ route: request.routeOptions.url, status })) return;
        const ms = Math.round(performance.now() - startedAt);
        const about = { method: request.method, path, status, ms, ...work?.logFields };
        logger[writableFinished ? levelOf(status) : 'warn']({
          msg: sentenceOf(about, writableFinished),
          ...about,
        });
      });
    }
    done();
  });
}

function sentenceOf(
  { method, path, status, ms }: { method: string; path: string; status: number; ms: number },
  answered: boolean,
): string {
  if (!answered) return `${method} ${path}: its sender went away after ${ms} ms, before it had the answer`;
  return `${method} ${path} was answered ${status} in ${ms} ms`;
}

function levelOf(status: number): 'log' | 'warn' | 'error' {
  if (status >= 500) return 'error';
  return status >= 400 ? 'warn' : 'log';
}

function pathOf({ url, routeOptions, params }: FastifyRequest): string {
  const [path = ''] = url.split('?', 1);
  const route = routeOptions.url;
  if (route === undefined || escapedSlash.test(path)) return beginningOf(path);
  const values = params as Readonly<Record<string, string>>;
  if (!secretParameters.some((name) => name in values)) return path;
  return route.replace(/:(\w+)/g, (whole, name: string) =>
    secretParameters.includes(name) ? '***' : (values[name] ?? whole),
  );
}

function beginningOf(path: string): string {
  const segments = path.split(slashes);
  const written = segments.slice(0, writtenSegments + 1).join('/');
  return segments.length > writtenSegments + 1 ? `${written}/***` : written;
}
