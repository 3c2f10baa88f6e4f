import { connect } from 'node:net';

import { send } from '../testing/registry-client.js';
import { Running } from '../testing/registry-fixture.js';
import type { FaultReply, InterceptedRequest } from './fault-door.js';

const running = new Running();
afterEach(() => running.stop());

async function answering(fault: 'proceed' | 'drop' | FaultReply) {
  const seen: InterceptedRequest[] = [];
  const registry = await running.registry({
    intercept: (request) => {
      seen.push(request);
      return Promise.resolve(fault);
    },
  });
  return { registry, seen };
}

async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(text);
  let answer = '';
  for await (const part of socket) answer += String(part);
  return answer;
}

describe('emulators/acr/http/http-door', () => {
  it('refuses a host that cannot be quoted in a challenge', async () => {
    const registry = await running.registry();
    const answer = await raw(registry.port, 'GET /v2/ HTTP/1.1\r\nhost: a"b\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('refuses a path that cannot be decoded', async () => {
    const registry = await running.registry();
    expect((await send(registry, 'GET /v2/%zz/manifests/1')).status).toBe(400);
  });

  it('says which methods a path has', async () => {
    const registry = await running.registry();
    const answer = await send(registry, 'POST /v2/team/api/tags/list');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
  });

  it('has nothing at another path', async () => {
    const registry = await running.registry();
    expect((await send(registry, 'GET /v1/search')).status).toBe(404);
  });

  it('cuts the connection when a test says so', async () => {
    const { registry, seen } = await answering('drop');
    await expect(send(registry, 'GET /v2/?x=1')).rejects.toThrow();
    expect(seen).toEqual([{ method: 'GET', path: '/v2/?x=1' }]);
  });

  it('gives the answer of a test in place of its own', async () => {
    const { registry } = await answering({ status: 429, headers: { 'retry-after': '7' }, body: 'slow down' });
    const answer = await send(registry, 'GET /v2/');
    expect([answer.status, answer.headers['retry-after'], answer.body.toString()]).toEqual([
      429,
      '7',
      'slow down',
    ]);
  });

  it('goes on as usual when a test lets it', async () => {
    const { registry } = await answering('proceed');
    expect((await send(registry, 'GET /v2/')).status).toBe(401);
  });
});
