import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** One HTTP request as the emulators see it: already split up, the body not read yet. */
export interface Exchange {
  readonly method: string;
  /** Percent-decoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Scheme and host under which the client reached this server, e.g. `http://127.0.0.1:5000`. */
  readonly origin: string;
  /** The host part of `origin`, e.g. `127.0.0.1:5000`. */
  readonly host: string;
}

/** The answer to an `Exchange`. A stream needs its `content-length` in `headers`. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
}

/** An answer whose body is `value` as JSON. */
export function jsonReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}
