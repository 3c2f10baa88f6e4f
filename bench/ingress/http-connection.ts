import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A request as it goes over the wire. */
export function postRequest(path: string, body: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({
    host: 'bench',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/**
 * A keep-alive connection that does as little as can be, so that the load leaves the machine to the server: one request at a
 * time, and of its answer the status.
 */
export class HttpConnection {
  #answer = Promise.withResolvers<number>();
  #received = '';
  #isOpen = true;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk) => this.#take(String(chunk)));
    const lost = (): void => {
      this.#isOpen = false;
      this.#answer.reject(new Error('the server closed the connection'));
    };
    socket.on('close', lost).on('error', lost);
    // Nobody waits for an answer while nothing is asked.
    this.#answer.promise.catch(() => undefined);
  }

  static async open(port: number): Promise<HttpConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new HttpConnection(socket);
  }

  /** Whether another request may be sent: the server closes some connections with its answer. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @returns the status of the answer */
  ask(request: string | Buffer): Promise<number> {
    this.#answer = Promise.withResolvers<number>();
    this.socket.write(request);
    return this.#answer.promise;
  }

  close(): void {
    this.#answer.promise.catch(() => undefined);
    this.socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, head + 2))?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    const status = Number(this.#received.slice(9, 12));
    if (/\r\nconnection: close\r\n/i.test(this.#received.slice(0, head + 2))) this.#isOpen = false;
    this.#received = '';
    this.#answer.resolve(status);
  }
}
