import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';

import rhea, { type Connection, type EventContext, type Receiver, type Sender } from 'rhea';

import { type AzureMessagingEmulator, ManualClock, startAzureMessagingEmulator } from '../index.js';

const KEY = { sharedAccessKeyName: 'key', sharedAccessKey: 'value' };

/** The link as rhea hands it to event listeners. */
function context(args: unknown[]): EventContext {
  return args[0] as EventContext;
}

/** A bare AMQP client, for what the Azure clients never do. */
describe('protocol/amqp-listener', () => {
  let emulator: AzureMessagingEmulator;
  const connections: Connection[] = [];

  beforeEach(async () => {
    emulator = await startAzureMessagingEmulator({
      port: 0,
      storage: 'memory',
      clock: new ManualClock(),
      ...KEY,
      topics: [{ name: 'orders', subscriptions: [{ name: 'all', rules: [] }] }],
      eventHubs: [],
    });
  });

  afterEach(async () => {
    const closed = connections.map(async (connection) => {
      await once(connection, 'disconnected');
    });
    await emulator.close();
    await Promise.all(closed);
    connections.length = 0;
  });

  async function connect(): Promise<Connection> {
    const options = { host: '127.0.0.1', port: emulator.port, username: 'any', reconnect: false };
    const connection = rhea.create_container().connect(options);
    connection.on('error', () => undefined);
    connections.push(connection);
    await once(connection, 'connection_open');
    return connection;
  }

  /** Puts a token for a resource as the Azure clients do, and gives the status of the answer. */
  async function putToken(connection: Connection, resource: string): Promise<number> {
    const sr = encodeURIComponent(resource);
    const se = Math.floor(Date.now() / 1000) + 60;
    const signature = createHmac('sha256', KEY.sharedAccessKey).update(`${sr}\n${se}`).digest('base64');
    const body = `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${se}&skn=key`;
    const replies = connection.open_receiver({ source: '$cbs', name: 'cbs-replies' });
    const requests = connection.open_sender('$cbs');
    await Promise.all([once(replies, 'receiver_open'), once(requests, 'sendable')]);
    requests.send({
      message_id: 1,
      reply_to: 'cbs-replies',
      application_properties: {
        operation: 'put-token',
        type: 'servicebus.windows.net:sastoken',
        name: resource,
      },
      body,
    });
    const { message } = context(await once(replies, 'message'));
    return (message?.application_properties as Record<string, number>)['status-code'] ?? 0;
  }

  async function authorised(): Promise<Connection> {
    const connection = await connect();
    expect(await putToken(connection, `sb://127.0.0.1:${emulator.port}/orders`)).toBe(202);
    return connection;
  }

  async function openSender(connection: Connection): Promise<Sender> {
    const sender = connection.open_sender('orders');
    await once(sender, 'sendable');
    return sender;
  }

  async function openReceiver(connection: Connection, credit: number): Promise<Receiver> {
    const receiver = connection.open_receiver({
      source: 'orders/Subscriptions/all',
      autoaccept: false,
      credit_window: 0,
      rcv_settle_mode: 1,
    });
    await once(receiver, 'receiver_open');
    if (credit > 0) receiver.add_credit(credit);
    return receiver;
  }

  it('refuses a link for which no token was put', async () => {
    const connection = await connect();
    const sender = connection.open_sender('orders');

    const { sender: refused } = context(await once(sender, 'sender_error'));

    expect(refused?.error).toMatchObject({ condition: 'amqp:unauthorized-access' });
  });

  it('refuses a token of another kind', async () => {
    const connection = await connect();
    const replies = connection.open_receiver({ source: '$cbs', name: 'cbs-replies' });
    const requests = connection.open_sender('$cbs');
    await Promise.all([once(replies, 'receiver_open'), once(requests, 'sendable')]);

    requests.send({
      message_id: 1,
      reply_to: 'cbs-replies',
      application_properties: { operation: 'put-token', type: 'jwt', name: 'sb://h/orders' },
      body: 'eyJ',
    });
    const { message } = context(await once(replies, 'message'));

    expect(message?.application_properties).toMatchObject({
      'status-code': 501,
      'error-condition': 'amqp:not-implemented',
    });
  });

  it('answers a drain after everything that could be delivered', async () => {
    const connection = await authorised();
    const sender = await openSender(connection);
    for (const body of [1, 2, 3]) sender.send({ body });
    while (emulator.topicStats('orders').active < 3) await once(sender, 'accepted');
    const receiver = await openReceiver(connection, 10);
    const bodies: unknown[] = [];
    receiver.on('message', ({ message }: EventContext) => bodies.push(message?.body));

    receiver.drain_credit();
    await once(receiver, 'receiver_drained');

    expect(bodies).toEqual([1, 2, 3]);
  });

  it('answers a drain that crosses with the delivery which uses the last credit up', async () => {
    const connection = await authorised();
    const sender = await openSender(connection);
    const receiver = await openReceiver(connection, 1);
    sender.send({ body: 1 });
    await once(receiver, 'message');

    receiver.drain_credit();
    await once(receiver, 'receiver_drained');

    receiver.drain = false;
    receiver.add_credit(1);
    sender.send({ body: 2 });
    expect(context(await once(receiver, 'message')).message?.body).toBe(2);
  });

  it('reports neighbouring deliveries with different outcomes apart from each other', async () => {
    const connection = await authorised();
    const sender = await openSender(connection);
    const outcomes: [string, string][] = [];
    for (const event of ['accepted', 'rejected']) {
      sender.on(event, ({ delivery }: EventContext) => outcomes.push([String(delivery?.tag), event]));
    }
    const good = rhea.message.encode({ body: 'x' });

    sender.send(good, 'a', 0);
    sender.send(Buffer.from('not AMQP'), 'b', 0);
    sender.send(good, 'c', 0);
    sender.send(good, 'd', 0);
    while (outcomes.length < 4) await once(sender, 'settled');

    expect(new Map(outcomes)).toEqual(
      new Map([
        ['a', 'accepted'],
        ['b', 'rejected'],
        ['c', 'accepted'],
        ['d', 'accepted'],
      ]),
    );
    expect(emulator.topicStats('orders').active).toBe(3);
  });

  it('refuses a message that is larger than announced, without collecting it', async () => {
    const sender = await openSender(await authorised());

    sender.send(Buffer.alloc(5_000_000, 0x40), 'large', 0);
    const { delivery } = context(await once(sender, 'rejected'));

    expect((delivery?.remote_state as { error: unknown }).error).toMatchObject({
      condition: 'amqp:link:message-size-exceeded',
    });
  });

  it('ends the receiver of a client that dies, so that the next message goes to a living one', async () => {
    const dying = await authorised();
    await openReceiver(dying, 10);
    const living = await authorised();
    const died = once(dying, 'disconnected');
    connections.splice(connections.indexOf(dying), 1);
    (dying as unknown as { socket: { destroy(): void } }).socket.destroy();
    (dying as unknown as { eof(): void }).eof();
    await died;

    const receiver = await openReceiver(living, 10);
    const sender = await openSender(living);
    sender.send({ body: 'x' });

    expect(context(await once(receiver, 'message')).message?.body).toBe('x');
  });

  it.each([
    ['a frame of 4 GiB', Buffer.from('AMQP\0\x01\0\0\xff\xff\xff\xff', 'latin1')],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a frame that is no AMQP', Buffer.from('AMQP\0\x01\0\0\0\0\0\x0c\x02\0\0\0\xff\xff\xff\xff', 'latin1')],
  ])('hangs up on %s, and serves others', async (_, bytes) => {
    const socket = connectSocket(emulator.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    const closed = once(socket, 'close');
    socket.write(bytes);

    await closed;

    await openSender(await authorised());
  });
});
