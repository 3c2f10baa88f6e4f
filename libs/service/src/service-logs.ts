import { Work } from '@pratique/telemetry';
import type { Params } from 'nestjs-pino';
import {
  destination as openDestination,
  type DestinationStream,
  type LevelWithSilent,
  stdTimeFunctions,
} from 'pino';
import { hideSecrets } from './hide-secrets.js';
import type { AnsweredRequest } from './log-requests.js';

export interface LogOptions {
  level?: LevelWithSilent;
  /** Where the lines go instead of standard output. */
  destination?: DestinationStream;
  /** Requests that need no line of their own: the service itself tells what became of each. */
  toldByService?: (request: AnsweredRequest) => boolean;
}

/** JSON lines on standard output: a sentence in `msg`, data in fields, and no secret. Requests are told by `logRequests`. */
export function serviceLogs(
  service: string,
  { level = 'info', destination = standardOutput() }: LogOptions,
): Params {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: hideSecrets, bindings: hideSecrets },
    // Which event a line is about and which chain it belongs to, whoever logs it.
    mixin: () => Work.current()?.logFields ?? {},
    // What pino-http hands on here is an error that was described already.
    serializers: { err: hideSecrets },
  };
  return { forRoutes: [], pinoHttp: [options, destination] };
}

let opened: DestinationStream | undefined;

/**
 * One for all services of a process, so that none writes into another's line. Under load a write for each line is a tenth of what
 * a webhook costs, so lines are gathered: at most for so many milliseconds, and less when the process ends.
 */
function standardOutput(): DestinationStream {
  return (opened ??= openDestination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 100 }));
}
