import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { TrustSourceError, trustSources } from '@pratique/registries';
import { hubToken, type Ingress, startIngress } from '../test/start-ingress.js';

const fixtures = join(__dirname, '../../../libs/registries/src/fixtures');
const hubPush = JSON.stringify({
  push_data: { tag: '1.8.0', pushed_at: 1772612130 },
  repository: { repo_name: 'contoso/api' },
});
const bearer = { authorization: 'Bearer not-a-secret' };

function recorded(recording: string): string {
  const text = readFileSync(join(fixtures, `${recording}.json`), 'utf8');
  return JSON.stringify((JSON.parse(text) as { envelope: unknown }[])[0]?.envelope);
}

describe('ingress/webhook-senders', () => {
  let ingress: Ingress;
  let log: string;

  beforeEach(async () => {
    log = '';
    const destination = new Writable({
      write(chunk: Buffer, _, done) {
        log += chunk.toString();
        done();
      },
    });
    ingress = await startIngress({
      logs: { level: 'trace', destination },
      sources: trustSources(() => Promise.reject(new TrustSourceError('unreachable', 'the keys are away'))),
    });
  });

  afterEach(() => ingress.close());

  const ask = (registry: string, headers: Record<string, string>) =>
    fetch(`${ingress.url}/webhooks/${registry}`, { method: 'OPTIONS', headers });

  it('admits a sender that can be told nothing but an address by the token at its end', async () => {
    const right = await ingress.post(`hub/${hubToken}`, hubPush);
    const wrong = await ingress.post(`hub/${hubToken}0`, hubPush);
    const none = await ingress.post('hub', hubPush);
    const inHeader = await ingress.post('hub', hubPush, { authorization: `Bearer ${hubToken}` });

    expect([right.status, wrong.status, none.status, inHeader.status]).toEqual([202, 401, 401, 401]);
    expect(await ingress.events()).toMatchObject([{ subject: 'contoso/api:1.8.0' }]);
  });

  it('does not take the end of an address for the secret of a sender that has a header', async () => {
    expect((await ingress.post('vendor/vendor-secret', '{"action":"ping"}')).status).toBe(401);
  });

  it('never writes the token down, whatever the request', async () => {
    await ingress.post(`hub/${hubToken}`, hubPush);
    await ingress.post(`hub/${hubToken}`, 'nonsense');
    await ingress.post(`nobody/${hubToken}`, hubPush);
    await ingress.post(`hub/${hubToken}/more`, hubPush);
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
      await fetch(`${ingress.url}/webhooks/hub/${hubToken}`, { method });

    expect(log).toContain('/webhooks/hub/***');
    expect(log).not.toContain(hubToken);
    expect(JSON.stringify(await ingress.outcomesUntil(2))).not.toContain(hubToken);
  });

  it('answers 200 for what was not agreed to a sender that would switch its webhook off', async () => {
    const push = JSON.stringify({ repository: 'other/api', updated_tags: ['1'] });

    const answer = await ingress.post(`quay/${hubToken}`, push);

    expect(await answer.json()).toEqual({ status: 200, reason: 'repository-not-allowed' });
    expect(await ingress.events()).toEqual([]);
  });

  it('confirms a subscription of Event Grid by sending its code back with 200', async () => {
    const answer = await ingress.post('grid', recorded('acr-event-grid/subscription-validation'), bearer);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ validationResponse: '512D38B6-C7B8-40C8-89FE-F46F9E9622B6' });
  });

  it('confirms no subscription without the secret', async () => {
    expect((await ingress.post('grid', recorded('acr-event-grid/subscription-validation'))).status).toBe(401);
  });

  it('takes a batch of Event Grid', async () => {
    expect((await ingress.post('grid', recorded('acr-event-grid/batch'), bearer)).status).toBe(202);
    expect(await ingress.events()).toHaveLength(2);
  });

  it('consents to Event Grid when it asks, and leaves the consent out for others', async () => {
    const welcome = await ask('grid', { 'webhook-request-origin': 'eventgrid.azure.net' });
    const stranger = await ask('grid', { 'webhook-request-origin': 'evil.example' });
    const neverAsks = await ask('vendor', { 'webhook-request-origin': 'eventgrid.azure.net' });

    expect([welcome.status, stranger.status, neverAsks.status]).toEqual([200, 200, 200]);
    expect(welcome.headers.get('webhook-allowed-origin')).toBe('eventgrid.azure.net');
    expect(welcome.headers.get('webhook-allowed-rate')).toBe('*');
    for (const refused of [stranger, neverAsks])
      expect(refused.headers.has('webhook-allowed-origin')).toBe(false);
    expect(welcome.headers.get('allow')).toBe('POST');
  });

  it('answers 404 to a question about a registry that is not configured', async () => {
    expect((await ask('nobody', { 'webhook-request-origin': 'eventgrid.azure.net' })).status).toBe(404);
  });

  it('answers 503 while what a proof is checked against cannot be had', async () => {
    const key = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'x' })).toString('base64url');
    const claims = Buffer.from('{}').toString('base64url');

    const answer = await ingress.post('google', '{}', { authorization: `Bearer ${key}.${claims}.AAAA` });

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });
});
