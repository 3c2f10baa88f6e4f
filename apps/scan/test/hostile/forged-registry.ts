import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RegistryHost } from '@pratique/contracts';
import type { BuiltImage } from '@pratique/oci';

/** An image as a registry that checks nothing would serve it. */
export interface ForgedImage extends BuiltImage {
  /** What is served in the place of a blob or manifest, by digest; `stall` never ends. */
  instead?: Record<string, Buffer | 'missing' | 'stall'>;
}

export interface ForgedRegistry {
  host: RegistryHost;
  serve(image: ForgedImage): void;
  close(): Promise<void>;
}

/** A registry that serves whatever it is given: honest ones refuse much of this corpus. */
export async function startForgedRegistry(): Promise<ForgedRegistry> {
  let served: ForgedImage | undefined;
  const server = createServer((request, response) => {
    const digest = /\/(?:manifests|blobs)\/(sha256:[0-9a-f]{64})$/.exec(request.url ?? '')?.[1];
    const part = [...(served?.manifests ?? []), ...(served?.blobs ?? [])].find(
      ({ descriptor }) => descriptor.digest === digest,
    );
    const body = served?.instead?.[digest ?? ''] ?? part?.bytes;
    if (body === undefined || body === 'missing') answer(response, 404, '{"errors":[]}');
    else if (body === 'stall') response.writeHead(200, { 'content-length': '1000000' }).write('x');
    else
      answer(response, 200, request.method === 'HEAD' ? '' : body, part?.descriptor.mediaType, body.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: RegistryHost.parse(`127.0.0.1:${(server.address() as AddressInfo).port}`),
    serve: (image) => void (served = image),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

// eslint-disable-next-line max-params -- an answer has that many parts
function answer(
  response: ServerResponse,
  status: number,
  body: Buffer | string,
  type = 'application/json',
  length = body.length,
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': String(length) });
  response.end(body);
}
