import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Where the two SDKs keep the connection of rhea, which has the socket. */
interface ClientOfSdk {
  /** `ServiceBusClient` 7.9.5. */
  _connectionContext?: ConnectionContext;
  /** `EventHubProducerClient` 6.0.4. */
  _context?: ConnectionContext;
}

interface ConnectionContext {
  connection?: { _connection?: { socket?: Socket } };
}

/**
 * Destroys the socket of a client whose broker does not answer any more, and waits until that is known everywhere.
 *
 * It reaches into the SDKs because nothing that they offer works then. Closing a client first waits a minute for every
 * link to be detached by the other side. When the connection ends meanwhile, it waits for ever, holding the lock that the
 * SDK's own cleaning up needs (rhea-promise 3.0.3, `Link.close`): what remains is a timer that connects once more in three
 * quarters of an hour. A client that knows that it has lost its connection closes at once.
 *
 * The versions are pinned; should the socket be elsewhere in another one, nothing happens here, and a test fails.
 */
export async function cutConnection(client: object): Promise<void> {
  const { _connectionContext: serviceBus, _context: eventHubs } = client as ClientOfSdk;
  const socket = (serviceBus ?? eventHubs)?.connection?._connection?.socket;
  if (socket === undefined || socket.destroyed) return;
  // rhea listens to the error of a socket, and not to its mere end.
  socket.destroy(new Error('The broker did not answer: the connection is given up'));
  await once(socket, 'close').catch(() => undefined);
}
