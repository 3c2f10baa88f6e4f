import type { DestinationStream, LoggerOptions } from 'pino';
import { pino } from 'pino';
import { serviceLogs } from '../src/service-logs.js';

// Ends at once after it has logged something, in the way that it is told to.
const [options, destination] = serviceLogs('test', {}).pinoHttp as [LoggerOptions, DestinationStream];
pino(options, destination).info('last words');
if (process.argv[2] === 'exits') process.exit(3);
if (process.argv[2] === 'throws') throw new Error('a bug');
