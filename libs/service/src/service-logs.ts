import { RequestMethod } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Work } from '@pratique/telemetry';
import type { Params } from 'nestjs-pino';
import { isAskedByThePlatform } from './asked-by-the-platform.js';
import { hideSecrets } from './hide-secrets.js';
import { type DestinationStream, type LevelWithSilent, stdSerializers, stdTimeFunctions } from 'pino';

export interface LogOptions {
  level?: LevelWithSilent;
  /** Where the lines go instead of standard output. */
  destination?: DestinationStream;
  /** Requests of which the service itself tells what became of each: that they were answered is told at level `debug`. */
  toldByService?: (request: { path: string; status: number }) => boolean;
}

/** JSON lines on standard output: a sentence in `msg`, data in fields, and no header, query or body of any request. */
export function serviceLogs(
  service: string,
  { level = 'info', destination, toldByService = () => false }: LogOptions,
): Params {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: hideSecrets, bindings: hideSecrets },
    // Which event a line is about and which chain it belongs to, whoever logs it.
    mixin: () => Work.current()?.logFields ?? {},
    quietReqLogger: true,
    quietResLogger: true,
    autoLogging: { ignore: (request: IncomingMessage) => isAskedByThePlatform(pathOf(request)) },
    serializers: { req: describeRequest, res: describeResponse, err: describeError },
    customLogLevel: (request: IncomingMessage, { statusCode }: ServerResponse) =>
      toldByService({ path: pathOf(request), status: statusCode }) ? 'debug' : levelOf(statusCode),
    customSuccessMessage: (request: IncomingMessage, response: ServerResponse, ms: number) =>
      `${request.method} ${pathOf(request)} was answered ${response.statusCode} in ${Math.round(ms)} ms`,
    customErrorObject: withoutMadeUpError,
    customErrorMessage: (request: IncomingMessage, response: ServerResponse) =>
      `${request.method} ${pathOf(request)} failed with ${response.statusCode}`,
  };
  return {
    // The default of nestjs-pino 5.2, `{/*splat}`, matches no path under the Fastify adapter 12.5.
    forRoutes: [{ path: '*path', method: RequestMethod.ALL }],
    pinoHttp: destination === undefined ? options : [options, destination],
  };
}

function levelOf(status: number): 'info' | 'warn' | 'error' {
  if (status >= 500) return 'error';
  return status >= 400 ? 'warn' : 'info';
}

// A query may hold a secret: some senders can prove themselves in no other way. Middleware finds `url` shortened.
function pathOf({ originalUrl, url = '' }: { originalUrl?: string; url?: string | undefined }): string {
  const whole = originalUrl ?? url;
  return whole.split('?', 1)[0] ?? whole;
}

function describeRequest(request: { id: unknown; method: string; url?: string | undefined }): object {
  return { id: request.id, method: request.method, path: pathOf(request) };
}

function describeResponse({ statusCode }: { statusCode: number }): object {
  return { statusCode };
}

function describeError(error: Error): object {
  return hideSecrets(stdSerializers.err(error));
}

// For a status of 500 and above pino-http makes up an error, whose stack leads into pino-http; the true one was logged.
function withoutMadeUpError(...[, , , line]: [unknown, unknown, unknown, object]): object {
  return { ...line, err: undefined };
}
