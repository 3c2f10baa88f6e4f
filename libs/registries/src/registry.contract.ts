import { Secret } from '@pratique/config';
import { heardRegistryEvent, type HeardEvent, RegistryHost, RegistryName } from '@pratique/contracts';
import * as fc from 'fast-check';
import type { RawWebhook } from './raw-webhook.js';
import { recordedDeliveries, recordedSecret, recordingsOf } from './recorded-deliveries.contract.js';
import { Refusal } from './refusal.js';
import type { RegistryDefinition } from './registry.js';
import type { BaseSettings } from './registry-settings.js';

const webhook = { secret: new Secret(recordedSecret) };
const settings: BaseSettings = {
  name: RegistryName.parse('under-test'),
  host: RegistryHost.parse('registry.example'),
  webhook,
};

/** What every kind of registry must do, whatever it sends. */
export function describeRegistry(registry: RegistryDefinition): void {
  const { verify, normalise } = registry.webhook;
  const recorded = recordingsOf(registry.kind).flatMap((name) => recordedDeliveries(registry.kind, name));
  const heard = (delivery: RawWebhook): HeardEvent[] | Refusal => {
    const verified = verify(delivery, settings);
    return verified instanceof Refusal ? verified : normalise(verified, settings);
  };
  const eventsOf = (delivery: RawWebhook): HeardEvent[] => {
    const events = heard(delivery);
    if (events instanceof Refusal) throw new Error(events.explanation);
    return events;
  };
  const idsOf = (delivery: RawWebhook): string[] =>
    eventsOf(delivery).map((event) => heardRegistryEvent(event).id);
  const telling = recorded.filter((delivery) => eventsOf(delivery).length > 0);
  const reasonFor = (body: Buffer): string | undefined => {
    const answer = heard({ ...firstOf(recorded), body });
    return answer instanceof Refusal ? answer.reason : undefined;
  };

  it('has recordings, of which some tell of images and some do not', () => {
    expect(telling.length).toBeGreaterThan(0);
    expect(telling.length).toBeLessThan(recorded.length);
  });

  it('admits a delivery with the secret, and during a change of secret one with the previous', () => {
    const during = { secret: new Secret('the next one'), previousSecret: new Secret(recordedSecret) };

    for (const delivery of recorded) {
      expect(verify(delivery, settings)).not.toBeInstanceOf(Refusal);
      expect(verify(delivery, { ...settings, webhook: during })).not.toBeInstanceOf(Refusal);
    }
  });

  it('refuses a delivery without a secret, with another one, and when no webhook is configured', () => {
    const other = { ...settings, webhook: { secret: new Secret('another') } };

    for (const delivery of recorded) {
      expect(verify({ ...delivery, headers: {} }, settings)).toMatchObject({ reason: 'not-authenticated' });
      expect(verify(delivery, other)).toMatchObject({ reason: 'not-authenticated' });
      expect(verify(delivery, { ...settings, webhook: undefined })).toMatchObject({
        reason: 'not-authenticated',
      });
    }
  });

  it('never repeats a secret in what it explains', () => {
    const answer = verify(firstOf(recorded), {
      ...settings,
      webhook: { secret: new Secret('the right one') },
    });

    expect(JSON.stringify(answer)).not.toMatch(/the right one|not-a-secret/);
  });

  it('hears only events that the contract takes, all of them of the registry that proved itself', () => {
    for (const delivery of telling) {
      for (const event of eventsOf(delivery)) {
        const built = heardRegistryEvent(event);
        expect(built.source).toBe('under-test');
        expect(built.data.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(built.data.receivedAt).toBe(delivery.receivedAt.toISOString());
      }
    }
  });

  it('gives the same ids to the same delivery, and different ids to different ones', () => {
    const ids = telling.flatMap(idsOf);

    expect(telling.flatMap(idsOf)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses a repository that is not a legal name', () => {
    for (const name of ['../../etc/passwd', 'Team/App', 'a'.repeat(256), 'team/app\n', '']) {
      for (const delivery of telling) {
        const text = delivery.body
          .toString()
          .replaceAll(/"repository": ?"[^"]*"/g, () => `"repository":${JSON.stringify(name)}`);
        expect(reasonFor(Buffer.from(text))).toBe('malformed');
      }
    }
  });

  it('refuses a tag or digest that breaks its grammar', () => {
    for (const delivery of telling) {
      const text = delivery.body.toString();
      const broken = text.replaceAll(/"(tag|digest)": ?"[^"]+"/g, '"$1":"sha256:../x"');
      if (broken !== text) expect(reasonFor(Buffer.from(broken))).toBe('malformed');
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
    ['such a key, written with escapes', '{"action":"ping","events":[],"\\u005f_proto__":{}}'],
  ])('refuses %s as malformed', (_, body) => {
    expect(reasonFor(Buffer.from(body))).toBe('malformed');
  });

  it('refuses bytes that are not UTF-8 as malformed', () => {
    expect(reasonFor(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]))).toBe('malformed');
  });

  it('answers any bytes with events or a refusal, and never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), (bytes) => void reasonFor(Buffer.from(bytes))));
  });

  it('answers any damage to a recorded delivery with events or a refusal, and never throws', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...recorded), fc.nat(4096), fc.string({ maxLength: 8 }))
      .map(([{ body }, at, text]) =>
        Buffer.concat([
          body.subarray(0, at % body.length),
          Buffer.from(text),
          body.subarray((at % body.length) + 1),
        ]),
      );

    fc.assert(fc.property(damaged, (body) => void reasonFor(body)));
  });
}

function firstOf<T>(values: readonly T[]): T {
  const [first] = values;
  if (first === undefined) throw new Error('the kind has no recordings');
  return first;
}
