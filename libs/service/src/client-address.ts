import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The address that a request came from, as far as it can be known.
 *
 * Each proxy appends the address of its own client to `X-Forwarded-For`, so only as many entries, counted from the right,
 * can be believed as there are proxies of ours; whatever stands further left was written by the client. Without a proxy it is
 * the other end of the connection, and the header is not looked at.
 *
 * @param trustedProxies how many proxies every request passes, as `http.trustedProxies` states
 * @returns undefined when the request did not pass as many, or an entry is no address: then nobody can be told
 */
export function clientAddress(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustedProxies: number,
): string | undefined {
  if (trustedProxies === 0) return plainAddress(socket.remoteAddress ?? '');
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  return plainAddress(forwarded.at(-trustedProxies)?.trim() ?? '');
}

// Azure Application Gateway appends `address:port`.
const withPort = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-f:.]+)\])(?::\d+)?$/i;
const mappedIpv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

function plainAddress(text: string): string | undefined {
  const [, ipv4, ipv6] = withPort.exec(text) ?? [];
  const address = ipv4 ?? ipv6 ?? text;
  if (isIP(address) === 0) return undefined;
  return mappedIpv4.exec(address)?.[1] ?? address;
}
