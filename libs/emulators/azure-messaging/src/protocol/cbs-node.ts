import { AmqpError, notImplemented } from './amqp-error.js';
import type { ConnectionAccess } from './connection-access.js';
import type { NodeHandler } from './request-reply.js';

const SAS_TOKEN = 'servicebus.windows.net:sastoken';

/** The node that takes tokens (AMQP claims-based security). Only shared access signatures are understood. */
export function cbsNode(access: ConnectionAccess): NodeHandler {
  return async ({ properties, body }) => {
    const { operation, name, type } = properties;
    if (operation !== 'put-token') throw notImplemented(`'${String(operation)}' on $cbs`);
    if (type !== SAS_TOKEN)
      throw notImplemented(`tokens of type '${String(type)}'; use the connection string`);
    if (typeof name !== 'string' || typeof body !== 'string') {
      throw new AmqpError('com.microsoft:argument-error', 'put-token needs a name and a token as text.');
    }
    access.putToken(body, name);
    return Promise.resolve({ statusCode: 202 });
  };
}
