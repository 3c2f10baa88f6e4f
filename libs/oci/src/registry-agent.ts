import { Agent } from 'undici';

/**
 * Connections to one registry and its storage.
 *
 * HTTP/1.1 only: over HTTP/2 all blobs share one TCP connection, which is slow on long paths
 * (https://github.com/project-zot/zot/issues/4333). How many requests are under way is for `HostManners` to say, and how many
 * blobs for `transferPlaces`; there are always more connections than these let be used, so that no request waits for one.
 */
export function createRegistryAgent(): Agent {
  return new Agent({ allowH2: false, connections: 96, connectTimeout: 10_000 });
}
