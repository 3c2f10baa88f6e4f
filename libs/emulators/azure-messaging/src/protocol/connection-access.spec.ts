import { createHmac } from 'node:crypto';

import { ConnectionAccess } from './connection-access.js';

const key = { name: 'Root', key: 'secret' };

function token(resource: string, secondsLeft = 60): string {
  const [encoded, expiry] = [encodeURIComponent(resource), Math.floor(Date.now() / 1000) + secondsLeft];
  const signature = createHmac('sha256', key.key).update(`${encoded}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${encoded}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${key.name}`;
}

function accessTo(audience: string): ConnectionAccess {
  const access = new ConnectionAccess(key);
  access.putToken(token(audience), audience);
  return access;
}

const denied = expect.objectContaining({ condition: 'amqp:unauthorized-access' }) as Error;

describe('protocol/connection-access', () => {
  it.each([
    ['sb://localhost:5672/orders', 'orders'],
    ['sb://localhost:5672/Orders/', 'orders/Subscriptions/s'],
    ['sb://localhost:5672/orders', 'sb://localhost:5672/orders/$management'],
    ['sb://localhost:5672/', 'anything/at/all'],
  ])('lets a token for %s reach %s', (audience, address) => {
    accessTo(audience).check(address);
  });

  it.each([
    ['sb://localhost:5672/orders', 'orders2'],
    ['sb://localhost:5672/orders/Subscriptions/a', 'orders'],
    ['sb://localhost:5672/orders/Subscriptions/a', 'orders/Subscriptions/b'],
  ])('keeps a token for %s from %s', (audience, address) => {
    expect(() => accessTo(audience).check(address)).toThrow(denied);
  });

  it('grants nothing before a token, and nothing for an expired or foreign one', () => {
    const access = new ConnectionAccess(key);

    expect(() => access.check('orders')).toThrow(denied);
    expect(() => access.checkHubManagement()).toThrow(denied);
    expect(() => access.putToken(token('sb://h/orders', -1), 'sb://h/orders')).toThrow(denied);
    expect(() => access.putToken(token('sb://h/orders'), 'sb://h/other')).toThrow(denied);
    expect(() => access.check('orders')).toThrow(denied);
  });

  it('opens the management node of Event Hubs to a token for a hub or its management', () => {
    accessTo('sb://localhost:5672/hub/$management').checkHubManagement();
    accessTo('sb://localhost:5672/hub').checkHubManagement();
    expect(() => accessTo('sb://localhost:5672/hub/Partitions/0').checkHubManagement()).toThrow(denied);
  });
});
