import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import rhea from 'rhea';

import { MAX_CHANNEL, MAX_FRAME_BYTES, SESSION_BUFFER } from './amqp-limits.js';
import { ConnectionLinks, type LinkSurroundings } from './connection-links.js';
import type { RheaConnection, RheaContext } from './rhea-endpoints.js';
import { tameConnection } from './tame-connection.js';

/** Announced in open, as Azure does; a silent client is disconnected after twice this time (ms). */
const IDLE_TIMEOUT_MS = 240_000;

/** Azure's own limit for a namespace is 5000; a client takes one. */
const MAX_CONNECTIONS = 1000;

interface RheaContainer {
  readonly sasl_server_mechanisms: Record<string, unknown> & { enable_anonymous(): void };
  create_connection(options: object): RheaConnection;
}

/** The listening socket and all connections that came in through it. */
export class AmqpListener {
  private readonly sockets = new Set<Socket>();
  private readonly container = createContainer();
  private readonly server: Server;

  constructor(private readonly surroundings: LinkSurroundings) {
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
    this.server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens; rejects as node does when the port is taken. Returns the port in use. */
  async listen(port: number, host: string): Promise<number> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts every connection, as a broken network would; clients may come back at once. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Drops all connections and stops listening. */
  async close(): Promise<void> {
    this.dropConnections();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    const connection = this.container.create_connection({
      channel_max: MAX_CHANNEL,
      idle_time_out: IDLE_TIMEOUT_MS,
      max_frame_size: MAX_FRAME_BYTES,
      reconnect: false,
      session_buffer_size: SESSION_BUFFER,
    });
    const links = new ConnectionLinks(this.surroundings);
    tameConnection(connection, socket);
    socket.on('close', () => {
      this.sockets.delete(socket);
      links.endAll();
    });
    followLinks(connection, links);
    connection.accept(socket);
  }
}

function followLinks(connection: RheaConnection, links: ConnectionLinks): void {
  connection.on('sender_open', (context: RheaContext) => links.openSender(context));
  connection.on('receiver_open', (context: RheaContext) => links.openReceiver(context));
  for (const event of ['sender_close', 'sender_error', 'receiver_close', 'receiver_error']) {
    connection.on(event, ({ sender, receiver }: RheaContext) => links.endLink(sender ?? receiver));
  }
  for (const event of ['session_close', 'session_error']) {
    connection.on(event, ({ session }: RheaContext) => links.endSession(session));
  }
  for (const event of ['connection_close', 'disconnected']) connection.on(event, () => links.endAll());
}

/** Nothing is accepted, settled or credited by rhea on its own: the links do that when the engine has answered. */
function createContainer(): RheaContainer {
  const container = rhea.create_container({
    autoaccept: false,
    autosettle: false,
    credit_window: 0,
    treat_modified_as_released: false,
  }) as unknown as RheaContainer;
  container.sasl_server_mechanisms.enable_anonymous();
  // What the clients of other languages ask for; like ANONYMOUS it only says that $cbs will do the authentication.
  container.sasl_server_mechanisms['MSSBCBS'] = () => ({ start: acceptMechanism });
  return container;
}

function acceptMechanism(this: { outcome?: boolean }): void {
  this.outcome = true;
}
