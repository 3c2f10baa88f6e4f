import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Digest } from '@pratique/contracts';
import { type Ingress, startIngress } from '../test/start-ingress.js';

const fixtures = join(__dirname, '../../../libs/registries/src/fixtures');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const vendor = { authorization: 'Bearer vendor-secret' };
const development = { 'x-pratique': 'not-a-secret' };

function recorded(recording: string): string[] {
  const text = readFileSync(join(fixtures, `${recording}.json`), 'utf8');
  return (JSON.parse(text) as { envelope: unknown }[]).map(({ envelope }) => JSON.stringify(envelope));
}

function push(repository: string, fields: object = {}): string {
  return JSON.stringify({
    id: `push of ${repository}`,
    action: 'push',
    target: { repository, tag: 'v1', digest },
    ...fields,
  });
}

describe('ingress/webhook.controller', () => {
  let ingress: Ingress;

  beforeEach(async () => {
    ingress = await startIngress();
  });

  afterEach(() => ingress.close());

  const answerTo = async (answering: Promise<Response>): Promise<{ status: number; reason: unknown }> => {
    const response = await answering;
    const body = (await response.json()) as { status: number; reason: string };
    expect(body.status).toBe(response.status);
    return { status: response.status, reason: body.reason };
  };

  it('refuses a registry that is not configured, and one that sends no webhooks, with 404', async () => {
    const answers = [
      await answerTo(ingress.post('nobody', push('tripinsights/poi'), vendor)),
      await answerTo(ingress.post('silent', push('tripinsights/poi'), vendor)),
    ];

    const [first, second] = await ingress.outcomesUntil(2);
    expect(answers).toEqual(Array(2).fill({ status: 404, reason: 'unknown-registry' }));
    expect([first?.data.reason, second?.data.reason]).toEqual(['unknown-registry', 'unknown-registry']);
    expect(await ingress.events()).toEqual([]);
  });

  it('refuses a body that is encoded with 415', async () => {
    const headers = { ...vendor, 'content-encoding': 'gzip' };

    const answer = await answerTo(ingress.post('vendor', gzipSync(push('tripinsights/poi')), headers));

    expect(answer).toEqual({ status: 415, reason: 'unsupported-encoding' });
    expect((await ingress.outcomesUntil(1))[0]?.data.reason).toBe('unsupported-encoding');
  });

  it('refuses more than a megabyte with 413, and does not wait for the rest', async () => {
    const { hostname, port } = new URL(ingress.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /webhooks/vendor HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n{');

    const [answer] = (await once(socket, 'data')) as [Buffer];
    await once(socket, 'close');

    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 .*connection: close.*"too-large"/is);
    expect((await ingress.outcomesUntil(1))[0]?.data.reason).toBe('too-large');
  });

  it('refuses a wrong secret with 401, and says so in an outcome without body or secret', async () => {
    const response = await ingress.post('vendor', push('tripinsights/poi'), {
      authorization: 'Bearer guess',
    });

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    const [outcome] = await ingress.outcomesUntil(1);
    expect(outcome).toMatchObject({
      type: 'io.pratique.webhook.refused.v1',
      source: 'pratique/ingress',
      data: {
        reason: 'not-authenticated',
        severity: 'warning',
        details: { registry: 'vendor', suppressed: 0 },
      },
    });
    expect(JSON.stringify(outcome)).not.toMatch(/guess|vendor-secret|tripinsights/);
    expect(await ingress.events()).toEqual([]);
  });

  it('judges who sent it before what it says', async () => {
    expect(await answerTo(ingress.post('vendor', 'not JSON'))).toMatchObject({ status: 401 });
  });

  it.each([
    ['what is not JSON', 'push it'],
    ['a repository that is no name', push('../../etc')],
    ['a key that reaches for a prototype', `{"__proto__":{},${push('tripinsights/poi').slice(1)}`],
    [
      'nesting without end',
      `${push('tripinsights/poi').slice(0, -1)},"x":${'['.repeat(65)}${']'.repeat(65)}}`,
    ],
  ])('refuses %s with 400', async (_, body) => {
    expect(await answerTo(ingress.post('vendor', body, vendor))).toEqual({
      status: 400,
      reason: 'malformed',
    });
    expect((await ingress.outcomesUntil(1))[0]?.data.reason).toBe('malformed');
    expect(await ingress.events()).toEqual([]);
  });

  it('refuses a repository that was not agreed with 403, and names it in an outcome', async () => {
    const answers = [
      await answerTo(ingress.post('vendor', push('internal/tools'), vendor)),
      await answerTo(ingress.post('vendor', push('tripinsights/deeper/poi'), vendor)),
    ];

    expect(answers).toEqual(Array(2).fill({ status: 403, reason: 'repository-not-allowed' }));
    const outcomes = await ingress.outcomesUntil(2);
    expect(outcomes.map(({ data }) => data.image?.repository).toSorted()).toEqual([
      'internal/tools',
      'tripinsights/deeper/poi',
    ]);
    expect(outcomes[0]?.data).toMatchObject({
      reason: 'repository-not-allowed',
      image: { registry: 'vendor', digest },
    });
    expect(await ingress.events()).toEqual([]);
  });

  it('reports the same refused event once under one id, however often it is sent', async () => {
    await ingress.post('vendor', push('internal/tools'), vendor);
    await ingress.post('vendor', push('internal/tools'), vendor);

    const [first, second] = await ingress.outcomesUntil(2);
    expect(first?.id).toBe(second?.id);
  });

  it('tells a sender that would repeat a refused event for ever that all is well, and reports it', async () => {
    const [body = ''] = recorded('distribution/19-burst-20-tags');

    expect(await answerTo(ingress.post('development', body, development))).toEqual({
      status: 200,
      reason: 'repository-not-allowed',
    });
    expect((await ingress.outcomesUntil(1))[0]?.data.image?.repository).toBe('burst/app');
    expect(await ingress.events()).toEqual([]);
  });

  it('passes on what is allowed of a delivery that holds both', async () => {
    const events = [
      ...recorded('distribution/19-burst-20-tags').slice(0, 1),
      ...recorded('distribution/02-push-image-skopeo-fresh'),
    ].flatMap((text) => (JSON.parse(text) as { events: unknown[] }).events);

    const answer = await answerTo(ingress.post('development', JSON.stringify({ events }), development));

    expect(answer).toEqual({ status: 202, reason: 'accepted' });
    expect(await ingress.events()).toHaveLength(1);
    expect((await ingress.outcomesUntil(1))[0]?.data.image?.repository).toBe('burst/app');
  });

  it.each(['acr/ping', 'acr/chart-push'])(
    'answers %s, of which nothing follows, with 200',
    async (recording) => {
      for (const body of recorded(recording))
        expect(await answerTo(ingress.post('vendor', body, vendor))).toEqual({
          status: 200,
          reason: 'of-no-interest',
        });
      expect(await ingress.events()).toEqual([]);
    },
  );

  it.each(['vendor-secret', 'vendor-previous'])('accepts an ACR push under %s', async (secret) => {
    const [body = ''] = recorded('acr/push-tag');

    const answer = await answerTo(ingress.post('vendor', body, { authorization: `Bearer ${secret}` }));

    expect(answer).toEqual({ status: 202, reason: 'accepted' });
    expect(await ingress.events()).toEqual([
      expect.objectContaining({
        type: 'io.pratique.image.pushed.v1',
        data: expect.objectContaining({
          registry: 'vendor',
          repository: 'tripinsights/poi',
          tag: '1.8.0',
        }) as unknown,
      }),
    ]);
  });

  it('makes exactly one event, with the digest, of everything that Distribution tells of one push', async () => {
    const answers: unknown[] = [];
    for (const body of recorded('distribution/02-push-image-skopeo-fresh'))
      answers.push((await answerTo(ingress.post('development', body, development))).status);

    const events = await ingress.events();
    expect(answers).toEqual([200, 200, 200, 202]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      subject: expect.stringMatching(/^team\/app@sha256:8fec6f27[0-9a-f]{56}$/) as unknown,
      data: { registry: 'development', repository: 'team/app', tag: 'v1' },
    });
  });

  it('makes one event of the same delivery sent four times', async () => {
    const [body = ''] = recorded('acr/push-tag');

    for (let times = 0; times < 4; times += 1)
      expect(await answerTo(ingress.post('vendor', body, vendor))).toMatchObject({ status: 202 });

    expect(await ingress.events()).toHaveLength(1);
  });

  it('publishes a quarantined image as such', async () => {
    const [body = ''] = recorded('acr/quarantine');

    await ingress.post('vendor', body, vendor);

    expect((await ingress.events())[0]?.type).toBe('io.pratique.image.quarantined.v1');
  });

  it('continues the trace of the sender, and starts one where the header is nonsense', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

    await ingress.post('vendor', push('bicep/a'), { ...vendor, traceparent });
    await ingress.post('vendor', push('bicep/b'), { ...vendor, traceparent: 'nonsense' });

    const traces = (await ingress.events()).map((event) => String(event.traceparent));
    expect(traces[0]).toMatch(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect(traces[1]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('reports at most ten refusals of a kind in a minute', async () => {
    for (let times = 0; times < 12; times += 1) expect((await ingress.post('vendor', '{}')).status).toBe(401);
    expect((await ingress.post('development', '{}')).status).toBe(401);

    const outcomes = await ingress.outcomesUntil(11);
    expect(outcomes.filter(({ data }) => data.details?.['registry'] === 'vendor')).toHaveLength(10);
  });

  it('lets a report that is under way arrive before it stops', async () => {
    await ingress.post('vendor', '{}');
    await ingress.stop();

    expect(await ingress.outcomesUntil(1)).toHaveLength(1);
  });
});

describe('ingress/webhook.controller, when the broker does not take it', () => {
  let ingress: Ingress;

  afterEach(() => ingress.close());

  it('answers 503 with a time to come again, and not 202, while the broker has not confirmed', async () => {
    let away = true;
    ingress = await startIngress({
      intercept: ({ kind }) => (kind === 'send' && away ? 'drop' : 'proceed'),
    });

    const first = await ingress.post('vendor', push('bicep/a'), vendor);
    const eventsThen = await ingress.events();
    away = false;
    const second = await ingress.post('vendor', push('bicep/a'), vendor);

    expect([first.status, first.headers.get('retry-after'), eventsThen]).toEqual([503, '5', []]);
    expect(second.status).toBe(202);
    expect(await ingress.events()).toHaveLength(1);
  });

  it('answers 503 while the broker is away, and goes on to refuse what it must', async () => {
    ingress = await startIngress();
    await ingress.emulator.close();

    expect((await ingress.post('vendor', push('bicep/a'), vendor)).status).toBe(503);
    expect((await ingress.post('vendor', push('bicep/a'))).status).toBe(401);
  });
});
