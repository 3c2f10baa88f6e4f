import type { Socket } from 'node:net';

import { MAX_FRAME_BYTES, MAX_MESSAGE_BYTES } from './amqp-limits.js';
import { FrameSizeGuard } from './frame-size-guard.js';
import type { RheaConnection, RheaContext, RheaSession } from './rhea-endpoints.js';

/**
 * Corrects what rhea does differently from what a broker needs, before the connection reads its first byte:
 * frames are bounded, writes of one turn leave as one packet, messages arrive as bytes, errors end the connection
 * instead of the process, and a destroyed socket counts as a lost one.
 */
export function tameConnection(connection: RheaConnection, socket: Socket): void {
  const guard = new FrameSizeGuard(MAX_FRAME_BYTES);
  socket.on('data', (chunk: Buffer) => {
    if (!guard.accepts(chunk)) socket.destroy();
  });
  for (const event of ['error', 'protocol_error', 'connection_error']) {
    connection.on(event, () => {
      socket.destroySoon();
    });
  }
  connection.on('session_open', ({ session }: RheaContext) => keepMessagesEncoded(session));
  // rhea notices 'end' and 'error' only. After destroy() there is just 'close', and its timers would run on.
  socket.on('close', () => connection.eof());
  writeOncePerTurn(connection, socket);
}

/** One system call for all frames of a turn: without it every frame is a packet of its own. */
function writeOncePerTurn(connection: RheaConnection, socket: Socket): void {
  const output = connection.output.bind(connection);
  let corked = false;
  connection.output = () => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    output();
  };
}

/**
 * rhea decodes every message of format 0 and drops the bytes. Without a format it hands them over as they came, which keeps
 * bodies opaque. What exceeds the largest message is not collected; the receiving link refuses the message by its size.
 */
function keepMessagesEncoded(session: RheaSession): void {
  const original = session.on_transfer.bind(session);
  const collected = new Map<number, number>();
  session.on_transfer = (frame) => {
    const { performative } = frame;
    const before = collected.get(performative.handle) ?? 0;
    collected.set(performative.handle, before + (frame.payload?.length ?? 0));
    if (before > MAX_MESSAGE_BYTES) delete frame.payload;
    if (performative.more !== true) collected.delete(performative.handle);
    if (performative.message_format === 0) performative.message_format = undefined;
    original(frame);
  };
}
