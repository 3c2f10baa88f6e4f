import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Secret } from '@pratique/config';
import { Digest, RegistryHost, RegistryName } from '@pratique/contracts';
import type { RegistriesSection } from '@pratique/registries';
import { type Ingress, startIngress } from '../test/start-ingress.js';

const bearer = { authorization: 'Bearer not-a-secret' };

function registry(name: string, webhook: object): RegistriesSection[number] {
  return {
    name: RegistryName.parse(name),
    kind: 'acr',
    host: RegistryHost.parse(`${name}.azurecr.io`),
    webhook: { secret: new Secret('not-a-secret'), ...webhook },
  };
}

// A token that comes back in a day: nothing that these tests do depends on the time that they take.
const slow = 1 / 86_400;
const senders: RegistriesSection = [
  registry('near', { allowFrom: ['127.0.0.0/8'] }),
  registry('far', { allowFrom: ['20.0.0.0/8', '2603:1030::/32'] }),
  registry('limited', { rateLimit: { perSecond: slow, burst: 2 } }),
  // Asked as fast as it answers, by the last of these tests.
  registry('quiet', { rateLimit: { perSecond: 100_000, burst: 100_000 } }),
];

let pushes = 0;
function push(): string {
  pushes += 1;
  const target = { repository: 'team/app', tag: 'v1', digest: Digest.parse(`sha256:${'a'.repeat(64)}`) };
  return JSON.stringify({ id: `push ${pushes}`, action: 'push', target });
}

describe('ingress, at the edge', () => {
  let ingress: Ingress;

  afterEach(() => ingress.close());

  const statusOf = async (name: string, headers: Record<string, string> = bearer): Promise<number> =>
    (await ingress.post(name, push(), headers)).status;

  it('refuses a delivery from outside allowFrom with 403, the right secret notwithstanding, and says from where', async () => {
    ingress = await startIngress({ senders });

    expect([await statusOf('near'), await statusOf('far')]).toEqual([202, 403]);

    const [outcome] = await ingress.outcomesUntil(1);
    expect(outcome?.data).toMatchObject({
      reason: 'address-not-allowed',
      severity: 'warning',
      details: { registry: 'far', address: '127.0.0.1' },
    });
    expect(await ingress.events()).toHaveLength(1);
  });

  it('believes no X-Forwarded-For unless proxies are stated', async () => {
    ingress = await startIngress({ senders });

    expect(await statusOf('far', { ...bearer, 'x-forwarded-for': '20.1.2.3' })).toBe(403);
  });

  it.each([
    ['what the stated proxy saw', '20.1.2.3', 202],
    ['an address of IPv6', '2603:1030::9', 202],
    ['what the stated proxy saw, with a port', '20.1.2.3:4711', 202],
    ['nothing that the client wrote before it', '20.1.2.3, 21.0.0.1', 403],
    ['nobody, when the proxy was gone around', undefined, 403],
  ])('believes, behind one proxy, %s', async (_, forwarded, status) => {
    ingress = await startIngress({ senders, http: { trustedProxies: 1 } });

    expect(await statusOf('far', { ...bearer, ...(forwarded && { 'x-forwarded-for': forwarded }) })).toBe(
      status,
    );
  });

  it('consents to nobody from outside allowFrom', async () => {
    ingress = await startIngress({ senders });

    expect((await fetch(`${ingress.url}/webhooks/far`, { method: 'OPTIONS' })).status).toBe(403);
  });

  it('answers 429 above the limit of a registry with a time to come again, and goes on to serve the others', async () => {
    ingress = await startIngress({ senders });

    const statuses = [await statusOf('limited'), await statusOf('limited'), await statusOf('limited')];
    const [refused, other] = [await ingress.post('limited', push(), bearer), await statusOf('quiet')];

    expect(statuses).toEqual([202, 202, 429]);
    expect(refused.headers.get('retry-after')).toBe('86400');
    expect(await refused.json()).toEqual({ status: 429, reason: 'too-many-requests' });
    expect(other).toBe(202);
    expect((await ingress.outcomesUntil(2))[0]?.data.reason).toBe('too-many-requests');
    expect(await ingress.events()).toHaveLength(3);
  });

  it('lets nobody spend the allowance of a registry without its secret', async () => {
    ingress = await startIngress({ senders });

    for (let times = 0; times < 5; times += 1)
      expect(await statusOf('limited', { authorization: 'Bearer guess' })).toBe(401);

    expect(await statusOf('limited')).toBe(202);
  });

  it('answers whoever guesses too often with 429 without looking, and others as before', async () => {
    ingress = await startIngress({ senders, http: { trustedProxies: 1 } });
    const from = (address: string, secret: string) =>
      statusOf('quiet', { authorization: `Bearer ${secret}`, 'x-forwarded-for': address });

    for (let times = 0; times < 20; times += 1) expect(await from('203.0.113.9', 'guess')).toBe(401);

    expect(await from('203.0.113.9', 'guess')).toBe(429);
    expect(await from('203.0.113.9', 'not-a-secret')).toBe(429);
    expect(await from('203.0.113.10', 'not-a-secret')).toBe(202);
    const reasons = (await ingress.outcomesUntil(12)).map(({ data }) => data.reason);
    expect(reasons.filter((reason) => reason === 'too-many-attempts')).toHaveLength(2);
  });

  it('counts every answer, those that are not reported any more too, under configured names only', async () => {
    ingress = await startIngress({ senders, http: { trustedProxies: 1 } });
    for (let times = 0; times < 14; times += 1)
      await statusOf('quiet', { authorization: 'Bearer guess', 'x-forwarded-for': `203.0.113.${times}` });
    await statusOf('made-up-by-somebody');
    await statusOf('quiet');

    const metrics = await (await fetch(`${ingress.url}/metrics`)).text();

    expect(metrics).toMatch(
      /pratique_webhooks_total\{registry="quiet",reason="not-authenticated",status="401".*\} 14/,
    );
    expect(metrics).toMatch(
      /pratique_webhooks_total\{registry="",reason="unknown-registry",status="404".*\} 1/,
    );
    expect(metrics).toMatch(/pratique_webhooks_total\{registry="quiet",reason="accepted",status="202".*\} 1/);
    expect(metrics).not.toContain('made-up-by-somebody');
  });

  it('drops a thousand sockets that dribble, and serves others meanwhile', async () => {
    ingress = await startIngress({ senders });
    const { hostname, port } = new URL(ingress.url);
    const dribbling = Array.from({ length: 1000 }, (_, index) => {
      const socket = connect(Number(port), hostname)
        .on('error', () => undefined)
        .resume();
      socket.write(
        index % 2 === 0
          ? 'POST /webhooks/quiet HTTP/1.1\r\nHost: x\r\nX-Slow: '
          : 'POST /webhooks/quiet HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{',
      );
      return socket;
    });
    const feeding = setInterval(
      () => dribbling.forEach((socket) => socket.writable && socket.write('x')),
      500,
    );
    const dropped = Promise.all(dribbling.map(closed));

    const served = await servedUntil(dropped).finally(() => clearInterval(feeding));

    expect(served).toBeGreaterThan(10);
  });

  it('ends although somebody dribbles a body', async () => {
    ingress = await startIngress({ senders });
    const { hostname, port } = new URL(ingress.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(
      'POST /webhooks/quiet HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    );
    // The server has begun to read.
    await once(socket, 'data');
    const feeding = setInterval(() => socket.write('x'), 5_000);

    await ingress.stop().finally(() => clearInterval(feeding));

    await closed(socket);
  });

  /** Delivers one push after the other. @returns how many were accepted until then */
  async function servedUntil(end: Promise<unknown>): Promise<number> {
    let [served, ended] = [0, false];
    void end.then(() => (ended = true));
    while (!ended) {
      expect(await statusOf('quiet')).toBe(202);
      served += 1;
    }
    return served;
  }
});

/** Resolves also when a write met a connection that had just been cut, of which `once` would make a failure. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
