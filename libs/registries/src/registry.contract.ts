import {
  heardRegistryEvent,
  type HeardEvent,
  RegistryEvent,
  RegistryHost,
  RegistryName,
} from '@pratique/contracts';
import * as fc from 'fast-check';
import type { ContractSender, SenderSecrets } from './contract-sender.contract.js';
import type { RawWebhook } from './raw-webhook.js';
import { recordedDeliveries, recordingsOf } from './recorded-deliveries.contract.js';
import { Refusal } from './refusal.js';
import type { RegistryDefinition } from './registry.js';
import type { BaseSettings } from './registry-settings.js';
import { trustSources } from './verification/trust-sources.js';

const nowhere = trustSources(() => Promise.reject(new Error('this kind fetches nothing')));
const illegalNames = ['../../etc/passwd', 'Team/App', 'a'.repeat(256), 'team/app\n', ''];

/** What every kind of registry must do, whatever it sends and however it proves itself. */
export function describeRegistry(registry: RegistryDefinition, sender: ContractSender): void {
  const { recordedUnder: secret, unreadable = 'malformed' } = sender;
  let recorded: RawWebhook[];
  let telling: RawWebhook[];

  const settingsWith = (webhook: object | undefined): BaseSettings => ({
    name: RegistryName.parse('under-test'),
    host: RegistryHost.parse(sender.host ?? 'registry.example'),
    ...sender.settings,
    webhook,
  });
  const verify = (delivery: RawWebhook, secrets: SenderSecrets = { secret }) =>
    registry.webhook.verify(
      delivery,
      settingsWith(sender.webhook(secrets)),
      sender.sources?.(secrets) ?? nowhere,
    );
  const hear = async (delivery: RawWebhook): Promise<HeardEvent[] | Refusal> => {
    const verified = await verify(delivery);
    if (verified instanceof Refusal) return verified;
    const heard = registry.webhook.normalise(verified, settingsWith(sender.webhook({ secret })));
    return heard instanceof Refusal || Array.isArray(heard) ? heard : [];
  };
  const eventsOf = async (delivery: RawWebhook): Promise<HeardEvent[]> => {
    const events = await hear(delivery);
    if (events instanceof Refusal) throw new Error(events.explanation);
    return events;
  };
  const idsOf = async (deliveries: readonly RawWebhook[]): Promise<string[]> =>
    (await Promise.all(deliveries.map(eventsOf))).flat().map((event) => heardRegistryEvent(event).id);
  /** Why a body is refused that is otherwise in order: its proof is made for it. */
  const reasonFor = async (body: Buffer | string, like = firstOf(recorded)): Promise<string | undefined> => {
    const answer = await hear(await sender.sign({ ...like, body: Buffer.from(body) }, secret));
    return answer instanceof Refusal ? answer.reason : undefined;
  };

  beforeAll(async () => {
    const deliveries = recordingsOf(registry.kind)
      .filter((name) => sender.recordings?.test(name) ?? true)
      .flatMap((name) => recordedDeliveries(registry.kind, name));
    recorded = [];
    for (const delivery of deliveries)
      recorded.push(sender.recordedWithoutProof ? await sender.sign(delivery, secret) : delivery);
    telling = [];
    for (const delivery of recorded) if ((await eventsOf(delivery)).length > 0) telling.push(delivery);
  });

  it('has recordings that tell of images, and others unless the sender tells of nothing else', () => {
    expect(telling.length).toBeGreaterThan(0);
    expect(telling.length < recorded.length).toBe(sender.onlyImages !== true);
  });

  it('admits a delivery under the secret, and during a change of secret one under the previous', async () => {
    for (const delivery of recorded) {
      expect(await verify(delivery)).not.toBeInstanceOf(Refusal);
      expect(await verify(delivery, { secret: 'the next one', previousSecret: secret })).not.toBeInstanceOf(
        Refusal,
      );
      const next = await sender.sign(delivery, 'the next one');
      expect(await verify(next, { secret: 'the next one', previousSecret: secret })).not.toBeInstanceOf(
        Refusal,
      );
    }
  });

  it('refuses a delivery without a proof, under another secret, and when no webhook is configured', async () => {
    for (const delivery of recorded) {
      const bare = { ...delivery, headers: {}, pathToken: undefined };
      const unproved =
        sender.unreadable === 'not-authenticated' ? { ...bare, body: Buffer.from('{}') } : bare;
      const nobody = registry.webhook.verify(delivery, settingsWith(undefined), nowhere);
      for (const answer of [
        await verify(unproved),
        await verify(delivery, { secret: 'another' }),
        await nobody,
      ])
        expect(answer).toMatchObject({ reason: 'not-authenticated' });
    }
  });

  it('refuses a delivery as soon as one bit of its proof, or of what is proved, is another', async () => {
    for (const delivery of recorded)
      for (const forged of sender.forge(delivery))
        expect(await verify(forged)).toMatchObject({ reason: 'not-authenticated' });
  });

  it('never repeats a secret in what it explains', async () => {
    const answer = await verify(firstOf(recorded), { secret: 'the right one' });

    expect(JSON.stringify(answer)).not.toMatch(/the right one|not-a-secret/);
  });

  it('hears only events that the contract takes, all of them of the registry that proved itself', async () => {
    for (const delivery of telling) {
      for (const event of await eventsOf(delivery)) {
        const built = heardRegistryEvent(event);
        expect(RegistryEvent.parse(built)).toEqual(built);
        expect(built.source).toBe('under-test');
        expect(built.data.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(built.data.receivedAt).toBe(delivery.receivedAt.toISOString());
      }
    }
  });

  it('gives the same ids to the same delivery, and different ids to different ones', async () => {
    const ids = await idsOf(telling);

    expect(await idsOf(telling)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses a repository that is not a legal name', async () => {
    let tried = 0;
    for (const delivery of telling) {
      const body = delivery.body.toString();
      for (const name of sender.illegalNames ?? illegalNames) {
        const renamed = (sender.rename ?? renameIn(await eventsOf(delivery)))(body, name);
        if (renamed === body) continue;
        tried += 1;
        expect([name, await reasonFor(renamed, delivery)]).toEqual([name, 'malformed']);
      }
    }
    expect(tried).toBeGreaterThan(0);
  });

  it('refuses a tag or digest that breaks its grammar', async () => {
    for (const delivery of telling) {
      const [{ data }] = (await eventsOf(delivery)) as [HeardEvent];
      const body = delivery.body.toString();
      const broken = [
        data.tag === undefined ? body : body.replaceAll(`"${data.tag}"`, '"sha256:../x"'),
        data.digest === undefined ? body : body.replaceAll(data.digest, 'sha256:../x'),
      ];
      for (const text of broken.filter((text) => text !== body))
        expect(await reasonFor(text, delivery)).toBe('malformed');
    }
  });

  it.each([
    ['an empty body', ''],
    ['text', 'hello'],
    ['null', 'null'],
    ['a list', '[]'],
    ['half a notification', '{"action":"push","events":[{"action":"push","target":'],
    ['nesting beyond reason', `{"action":"ping","events":[],"x":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['nesting that never closes', '['.repeat(1_000_000)],
    ['a key that reaches for a prototype', '{"action":"ping","events":[],"__proto__":{"action":"push"}}'],
    // A schema threw at these, and the sender was asked to repeat them for ever.
    [
      'an object that cannot be compared',
      '{"action":"ping","events":[],"id":{"length":{"toString":1,"valueOf":1}}}',
    ],
    ['the same, written with escapes', '{"action":"ping","events":[],"id":{"length":{"\\u0074oString":1}}}'],
    ['such a key, written with escapes', '{"action":"ping","events":[],"\\u005f_proto__":{}}'],
  ])('refuses %s', async (_, body) => {
    expect(await reasonFor(body)).toBe(unreadable);
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect(await reasonFor(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]))).toBe(unreadable);
  });

  it('answers any bytes with events or a refusal, and never throws', async () => {
    const bytes = fc.uint8Array({ maxLength: 512 });

    await fc.assert(fc.asyncProperty(bytes, async (body) => void (await reasonFor(Buffer.from(body)))));
  });

  it('answers any damage to a recorded delivery with events or a refusal, and never throws', async () => {
    const damage = fc.tuple(fc.constantFrom(...recorded), fc.nat(4096), fc.string({ maxLength: 8 }));

    await fc.assert(
      fc.asyncProperty(damage, async ([delivery, place, text]) => {
        const { body } = delivery;
        const at = place % body.length;
        const damaged = Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at + 1)]);
        await reasonFor(damaged, delivery);
      }),
    );
  });
}

/** Replaces the names of the repositories that were heard, wherever they stand in a body. */
function renameIn(heard: readonly HeardEvent[]): (body: string, repository: string) => string {
  const names = new Set(heard.map(({ data }) => data.repository));
  const replacing = (name: string) => JSON.stringify(name).slice(1, -1);
  return (body, repository) =>
    [...names].reduce((text, name) => text.replaceAll(name, () => replacing(repository)), body);
}

function firstOf<T>(values: readonly T[]): T {
  const [first] = values;
  if (first === undefined) throw new Error('the kind has no recordings');
  return first;
}
