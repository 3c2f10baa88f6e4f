import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface HalfOpenProxy {
  port: number;
  /** How many connections there were. */
  connections(): number;
  /** How many of them the client still keeps. */
  open(): number;
  /**
   * From now on the connections that exist are half-open: the broker's side is gone, and the client's side takes
   * everything and answers nothing, as behind a firewall that has forgotten them. New connections work.
   */
  goHalfOpen(): void;
  /** New connections are half-open as well, until it is told otherwise. */
  refuseToAnswer(refuse: boolean): void;
  close(): Promise<void>;
}

/** Stands between a client and a broker, and can lose connections without telling the client. */
export async function startHalfOpenProxy(target: number): Promise<HalfOpenProxy> {
  const clients = new Set<Socket>();
  const brokers = new Set<Socket>();
  let connections = 0;
  let refusing = false;
  const server = createServer((client) => {
    connections += 1;
    clients.add(client);
    client.on('error', () => undefined).on('close', () => clients.delete(client));
    client.resume();
    if (refusing) return;
    const broker = connect(target, '127.0.0.1').on('error', () => client.destroy());
    brokers.add(broker);
    client.pipe(broker, { end: false });
    broker.pipe(client, { end: false });
    client.on('close', () => broker.destroy());
    broker.on('close', () => {
      if (brokers.delete(broker)) client.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    open: () => clients.size,
    goHalfOpen: () => {
      for (const client of clients) client.unpipe().resume();
      for (const broker of brokers) {
        brokers.delete(broker);
        broker.unpipe().destroy();
      }
    },
    refuseToAnswer: (refuse) => {
      refusing = refuse;
    },
    close: async () => {
      for (const socket of [...clients, ...brokers]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
