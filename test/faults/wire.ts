import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The network between one process and the broker. Cutting it for good is, to the broker, the death of the process: nothing
 * that the process still does reaches it, and no answer reaches the process.
 */
export class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<{ near: Socket; far: Socket }>();
  readonly #server: Server;
  #up = true;

  private constructor(private brokerPort: number) {
    this.#server = createServer({ noDelay: true }, (socket) => this.#join(socket));
  }

  static async to(brokerPort: number): Promise<Wire> {
    const wire = new Wire(brokerPort);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  /** The broker's connection string, through this wire. */
  through(connectionString: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return connectionString.replace(/:\d+;/, `:${port};`);
  }

  /** Breaks every connection; new ones are let through. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Leaves every connection half-open: the broker's side is gone, and the process's side takes everything and answers nothing, as
   * behind a firewall that has forgotten it. New ones are let through.
   */
  mute(): void {
    for (const { near, far } of this.#pairs) {
      far.removeAllListeners('close');
      far.unpipe(near);
      near.unpipe(far).resume();
      far.destroy();
      this.#sockets.delete(far);
    }
    this.#pairs.clear();
  }

  /** Breaks every connection and refuses new ones until `up`. */
  down(): void {
    this.#up = false;
    this.drop();
  }

  up(brokerPort = this.brokerPort): void {
    this.brokerPort = brokerPort;
    this.#up = true;
  }

  /**
   * For good. The port stays taken: what lives on of a dead worker still tries to connect, and must not find somebody else
   * there.
   */
  cut(): void {
    this.down();
    this.#server.unref();
  }

  #join(near: Socket): void {
    if (!this.#up) {
      near.destroy();
      return;
    }
    const far = connect({ port: this.brokerPort, host: '127.0.0.1', noDelay: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#pairs.delete(pair);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
