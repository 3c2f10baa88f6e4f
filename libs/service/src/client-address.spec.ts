import type { Socket } from 'node:net';
import { clientAddress } from './client-address.js';

const peer = '10.0.0.1';

function addressOf(
  forwarded: string | string[] | undefined,
  proxies: number,
  remoteAddress = peer,
): string | undefined {
  const headers = { 'x-forwarded-for': forwarded as string };
  return clientAddress({ headers, socket: { remoteAddress } as Socket }, proxies);
}

describe('service/client-address', () => {
  it.each([
    ['without a proxy, the other end of the connection', undefined, 0, peer],
    ['without a proxy, no header is believed', '203.0.113.9', 0, peer],
    ['behind one proxy, what that proxy saw', '203.0.113.9', 1, '203.0.113.9'],
    ['behind one proxy, nothing that the client wrote itself', '198.51.100.1, 203.0.113.9', 1, '203.0.113.9'],
    ['behind two, the second entry from the right', '1.1.1.1, 203.0.113.9, 10.0.0.7', 2, '203.0.113.9'],
    ['an entry with a port, as Application Gateway writes it', '203.0.113.9:51234', 1, '203.0.113.9'],
    ['an entry of IPv6', '2001:db8::9', 1, '2001:db8::9'],
    ['an entry of IPv6 in brackets, with a port', '[2001:db8::9]:443', 1, '2001:db8::9'],
    ['an address of IPv4 written as IPv6', '::ffff:203.0.113.9', 1, '203.0.113.9'],
    ['nobody, when there is no header', undefined, 1, undefined],
    ['nobody, when it passed fewer proxies than every request does', '203.0.113.9', 2, undefined],
    ['nobody, when the entry is no address', 'unknown', 1, undefined],
    ['nobody, when the entry is empty', '203.0.113.9,', 1, undefined],
  ])('tells %s', (...[, forwarded, proxies, expected]) => {
    expect(addressOf(forwarded, proxies)).toBe(expected);
  });

  it('writes an address of IPv4 on a socket of IPv6 as what it is', () => {
    expect(addressOf(undefined, 0, '::ffff:192.0.2.7')).toBe('192.0.2.7');
  });

  it('reads a header that was sent twice as one', () => {
    expect(addressOf(['203.0.113.9', '198.51.100.1'], 1)).toBe('198.51.100.1');
  });
});
