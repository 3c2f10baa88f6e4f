import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const maxPrefix: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** An address or a network in CIDR notation, of IPv4 or IPv6: `20.42.0.0/16`, `2603:1030::/32`, `192.0.2.7`. */
export const Network = z
  .string()
  .max(64)
  .refine(isNetwork, 'is not a network such as 20.42.0.0/16 or 2603:1030::/32, nor an address');
export type Network = z.infer<typeof Network>;

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const longest = maxPrefix[isIP(address)];
  // A zone, as in fe80::1%eth0, means something on one machine only.
  if (longest === undefined || address.includes('%') || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
}

/** Compiles networks once. The function tells whether an address lies in any of them; what is no address lies in none. */
export function networkMatcherOf(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = familyOf(address);
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
