import { Network, networkMatcherOf } from './network.js';

describe('config/network', () => {
  it.each(['20.42.0.0/16', '0.0.0.0/0', '192.0.2.7', '2603:1030::/32', '::1', '::/0'])('takes %s', (text) => {
    expect(Network.safeParse(text).success).toBe(true);
  });

  it.each([
    '20.42.0.0/33',
    '20.42.0.0/',
    '20.42.0.0/-1',
    '20.42.0.0/16/8',
    '20.42/16',
    '2603::/129',
    'fe80::1%eth0',
    'localhost',
    '',
    '020.42.0.0/16',
  ])('refuses %s', (text) => {
    expect(Network.safeParse(text).success).toBe(false);
  });

  it.each([
    ['20.42.7.9', true],
    ['20.43.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2603:1030:7::1', true],
    ['2603:1031::1', false],
    ['::ffff:20.42.7.9', true],
    ['nonsense', false],
    ['', false],
  ])('finds %s in the networks: %s', (address, expected) => {
    const matches = networkMatcherOf(
      ['20.42.0.0/16', '192.0.2.7', '2603:1030::/32'].map((one) => Network.parse(one)),
    );

    expect(matches(address)).toBe(expected);
  });
});
