import { Agent } from 'undici';

/**
 * Connections to one registry and its storage.
 *
 * HTTP/1.1 only: over HTTP/2 all blobs share one TCP connection, which is slow on long paths
 * (https://github.com/project-zot/zot/issues/4333). Sixteen connections serve the six parallel blobs of a copy and
 * what else goes on.
 */
export function createRegistryAgent(): Agent {
  return new Agent({ allowH2: false, connections: 16, connectTimeout: 10_000 });
}
