import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { boundedFetch, fetchText } from './bounded-fetch.js';

describe('registries/verification/bounded-fetch', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(answer: RequestListener): Promise<URL> {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.pem`);
  }

  it('fetches a text with its status', async () => {
    const url = await serve((_, response) => void response.writeHead(404).end('no'));

    expect(await fetchText(url)).toEqual({ status: 404, text: 'no' });
  });

  it('takes https only', async () => {
    await expect(boundedFetch('http://127.0.0.1/x.pem')).rejects.toMatchObject({ code: 'unusable' });
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) => void response.writeHead(302, { location: '/y.pem' }).end());

    await expect(fetchText(url)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('reads no more than 64 KiB', async () => {
    const url = await serve((_, response) => void response.end('x'.repeat(64 * 1024 + 1)));

    await expect(fetchText(url)).rejects.toMatchObject({ code: 'unusable' });
  });

  it.each([429, 500, 503])('takes %i for trouble that passes', async (status) => {
    const url = await serve((_, response) => void response.writeHead(status).end());

    await expect(fetchText(url)).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('says which host could not be reached', async () => {
    const url = await serve((request) => request.socket.destroy());

    await expect(fetchText(url)).rejects.toThrow(`${url.host} could not be reached`);
  });
});
