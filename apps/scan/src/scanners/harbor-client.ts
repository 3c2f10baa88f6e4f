import { setTimeout as wait } from 'node:timers/promises';
import { type OciError, readBounded } from '@pratique/oci';
import { type Dispatcher, request } from 'undici';
import { invalidAnswer, unavailable } from './no-answer-error.js';

export interface HarborEndpoint {
  /** For sentences. */
  name: string;
  /** The adapter's address, without `/api/v1`. */
  url: string;
  authorization: string | undefined;
  maxReportBytes: number;
}

export interface HarborCall {
  method: 'GET' | 'POST';
  path: string;
  accept: string;
  body?: { mediaType: string; value: object };
  expect: readonly number[];
  signal: AbortSignal;
}

export interface HarborAnswer {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  bytes: Buffer;
}

const maxErrorBytes = 4096;

/**
 * One call of a scanner adapter. Redirects are not followed: the adapter says with one that its report is not ready, and
 * some name the very same address.
 *
 * @throws NoAnswerError, or the signal's reason when aborted
 */
export async function callHarbor(endpoint: HarborEndpoint, call: HarborCall): Promise<HarborAnswer> {
  const { status, headers, body } = await send(endpoint, call);
  const isExpected = call.expect.includes(status);
  const maxBytes = isExpected ? endpoint.maxReportBytes : maxErrorBytes;
  const bytes = await read(body, { endpoint, maxBytes, isExpected, signal: call.signal });
  if (isExpected) return { status, headers, bytes };
  const said = saidIn(bytes);
  const message = `The scanner ${endpoint.name} answered ${status} to ${call.method} ${call.path}${said}.`;
  throw unavailable(message, { retryable: status >= 500 || status === 429 || status === 404 });
}

async function send(
  { name, url, authorization }: HarborEndpoint,
  { method, path, accept, body, signal }: HarborCall,
): Promise<{ status: number; headers: HarborAnswer['headers']; body: Dispatcher.ResponseData['body'] }> {
  try {
    const response = await request(`${url.replace(/\/$/, '')}/api/v1${path}`, {
      method,
      headers: {
        accept,
        ...(authorization !== undefined && { authorization }),
        ...(body && { 'content-type': body.mediaType }),
      },
      ...(body && { body: JSON.stringify(body.value) }),
      // Calls are few, and a connection that is kept would outlive whoever uses it.
      reset: true,
      signal,
    });
    return { status: response.statusCode, headers: response.headers, body: response.body };
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(`The scanner ${name} cannot be reached (${codeOf(error)}).`, { cause: error });
  }
}

async function read(
  body: Dispatcher.ResponseData['body'],
  limit: { endpoint: HarborEndpoint; maxBytes: number; isExpected: boolean; signal: AbortSignal },
): Promise<Buffer> {
  const { endpoint, maxBytes, isExpected, signal } = limit;
  try {
    return await readBounded(body, { maxBytes, operation: 'scan-report' });
  } catch (error) {
    signal.throwIfAborted();
    if (!isExpected) return Buffer.alloc(0);
    if ((error as Partial<OciError>).code === 'limit-exceeded') {
      throw invalidAnswer(`The scanner ${endpoint.name} answered with more than ${maxBytes} bytes.`, error);
    }
    throw unavailable(`The scanner ${endpoint.name} broke off its answer.`, { cause: error });
  }
}

/** Waits as long as the adapter asks, within reason. */
export async function waitForReport(headers: HarborAnswer['headers'], signal: AbortSignal): Promise<void> {
  const asked = Number(headers['refresh-after'] ?? 1);
  const seconds = Number.isFinite(asked) ? Math.min(Math.max(asked, 0), 30) : 1;
  // Nought would be a busy loop.
  await wait(Math.max(seconds * 1000, 50), undefined, { signal });
}

function saidIn(bytes: Buffer): string {
  try {
    const { error } = JSON.parse(bytes.toString('utf8')) as { error?: { message?: unknown } };
    const message = error?.message;
    return typeof message === 'string' && message !== '' ? `: ${message.slice(0, 300).toWellFormed()}` : '';
  } catch {
    return '';
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
}
