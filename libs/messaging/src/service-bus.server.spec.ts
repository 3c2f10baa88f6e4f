import type { INestApplication } from '@nestjs/common';
import { Observable, throwError } from 'rxjs';
import { examplePush } from '../test/example-events.js';
import { recorder, untilAborted } from '../test/recorder.js';
import { latch } from '../test/latch.js';
import { type Bus, startBus } from '../test/start-bus.js';
import { startConsumers } from '../test/start-consumers.js';
import { RetryLater } from './retry-later.js';

const nothing = { active: 0, locked: 0, scheduled: 0, deadLettered: 0 };

describe('messaging/service-bus.server', () => {
  let bus: Bus;
  const apps: INestApplication[] = [];

  async function consume(handlers: Parameters<typeof startConsumers>[1]): Promise<INestApplication> {
    const app = await startConsumers(bus.settings, handlers);
    apps.push(app);
    return app;
  }

  function statsOf(subscription: string) {
    return bus.emulator.subscriptionStats('registry-events', subscription);
  }

  beforeEach(async () => {
    bus = await startBus();
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    await bus.close();
  });

  it('hands the event to its handler and completes the message when that returns', async () => {
    const scan = recorder();
    const app = await consume({ scan: scan.handle });
    const event = examplePush();
    await bus.events.publish(event);
    const [first] = await scan.calls(1);
    expect(first?.event).toEqual(event);
    expect(first?.delivery).toMatchObject({ messageId: event.id, attempt: 1, lastAttempt: false });
    await app.close();
    expect(statsOf('scan')).toEqual(nothing);
  });

  it('does not settle a message before the Observable that the handler returned has ended', async () => {
    const started = latch();
    const work = latch();
    const app = await consume({
      scan: () =>
        new Observable((subscriber) => {
          started.open();
          void work.opened.then(() => subscriber.complete());
        }),
    });
    await bus.events.publish(examplePush());
    await started.opened;
    const closed = app.close();
    expect(statsOf('scan')).toEqual({ ...nothing, locked: 1 });
    work.open();
    await closed;
    expect(statsOf('scan')).toEqual(nothing);
  });

  it('dead-letters after the last attempt of a bug, with the true reason, and tells it as an outcome', async () => {
    const scan = recorder(() => {
      throw new TypeError('layers is not iterable');
    });
    await consume({ scan: scan.handle });
    const event = examplePush();
    await bus.events.publish(event);
    const [letter] = await bus.deadLetters('scan', 1);
    expect(letter).toMatchObject({
      deadLetterReason: 'dead-letter.unclassified',
      deadLetterErrorDescription: 'TypeError: layers is not iterable',
    });
    expect(scan.attempts()).toEqual([1, 2, 3]);
    expect(scan.seen.map(({ delivery }) => delivery.lastAttempt)).toEqual([false, false, true]);
    const [outcome] = await bus.outcomesUntil(1);
    expect(outcome).toMatchObject({
      type: 'io.pratique.dead-letter.unclassified.v1',
      causationid: event.id,
      correlationid: event.correlationid,
      source: 'pratique/scan',
      data: {
        reason: 'attempts-exhausted',
        message: expect.stringContaining('after 3 attempts: TypeError: layers is not iterable'),
        image: { registry: 'vendor', repository: 'samples/app' },
        details: { subscription: 'scan', messageId: event.id, attempt: 3 },
      },
    });
  });

  it('treats an Observable that fails like a handler that throws', async () => {
    await consume({ scan: () => throwError(() => new RangeError('too deep')) });
    await bus.events.publish(examplePush());
    const [letter] = await bus.deadLetters('scan', 1);
    expect(letter?.deadLetterErrorDescription).toBe('RangeError: too deep');
  });

  it('delivers again later to the same subscription only, and handles others meanwhile', async () => {
    const scan = recorder(async ({ event, delivery }) => {
      if (event.data.repository === 'samples/busy' && delivery.attempt === 1) {
        throw new RetryLater('the registry asks for a pause', { retryAfterMs: 300 });
      }
    });
    const promotion = recorder();
    const app = await consume({ scan: scan.handle, promotion: promotion.handle });
    const [busy, other] = [examplePush('busy'), examplePush('other')];
    await bus.events.publish(busy);
    await bus.events.publish(other);
    const calls = await scan.calls(3);
    expect(calls.map(({ event, delivery }) => [event.data.repository, delivery.attempt])).toEqual([
      ['samples/busy', 1],
      ['samples/other', 1],
      ['samples/busy', 2],
    ]);
    expect(calls[2]?.event).toEqual(busy);
    expect(calls[2]?.delivery.messageId).not.toBe(busy.id);
    await app.close();
    expect(promotion.seen.map(({ event }) => event.id)).toEqual([busy.id, other.id]);
    expect([statsOf('scan'), statsOf('promotion')]).toEqual([nothing, nothing]);
  });

  it('gives up trouble that does not pass, with the sentence of the handler', async () => {
    const scan = recorder(() => {
      throw new RetryLater('vendor.azurecr.io answers 503');
    });
    await consume({ scan: scan.handle });
    await bus.events.publish(examplePush());
    const [letter] = await bus.deadLetters('scan', 1);
    expect(letter?.deadLetterErrorDescription).toBe('vendor.azurecr.io answers 503');
    expect(scan.attempts()).toEqual([1, 2, 3]);
  });

  it('dead-letters a message that does not match its contract at once, and tells it as an outcome', async () => {
    const scan = recorder();
    await consume({ scan: scan.handle });
    await bus.sendRaw({
      messageId: 'from-a-stranger',
      contentType: 'application/json',
      body: { registry: 'vendor' },
      applicationProperties: { cloudEvents_type: 'io.pratique.image.pushed.v1', cloudEvents_id: 'x' },
    });
    const [letter] = await bus.deadLetters('scan', 1);
    expect(letter).toMatchObject({
      messageId: 'from-a-stranger',
      deadLetterReason: 'dead-letter.contract-violation',
      deadLetterErrorDescription: expect.stringMatching(/^specversion: /),
    });
    const [outcome] = await bus.outcomesUntil(1);
    expect(outcome).toMatchObject({
      type: 'io.pratique.dead-letter.contract-violation.v1',
      source: 'pratique/scan',
      data: { reason: 'not-in-contract', details: { messageId: 'from-a-stranger', attempt: 1 } },
    });
    expect(scan.seen).toEqual([]);
  });

  it('keeps the messages of two subscriptions of one application apart', async () => {
    const [scan, sync] = [recorder(), recorder()];
    const app = await consume({ scan: scan.handle, sync: sync.handle });
    await bus.events.publish(examplePush());
    await Promise.all([scan.calls(1), sync.calls(1)]);
    await app.close();
    expect([scan.seen.length, sync.seen.length]).toEqual([1, 1]);
    expect([statsOf('scan'), statsOf('sync')]).toEqual([nothing, nothing]);
    expect(statsOf('audit')).toEqual({ ...nothing, active: 1 });
  });

  it('works on as many messages at a time as it is told, and no more', async () => {
    bus.settings.concurrency = 2;
    const gate = latch();
    const scan = recorder(() => gate.opened);
    const app = await consume({ scan: scan.handle });
    await bus.events.publish(['a', 'b', 'c'].map(examplePush));
    await scan.calls(2);
    expect(statsOf('scan')).toEqual({ ...nothing, active: 1, locked: 2 });
    gate.open();
    await scan.calls(3);
    await app.close();
    expect(statsOf('scan')).toEqual(nothing);
  });

  it('holds as many more as it is told to, and gives them back at once when it is closed', async () => {
    bus.settings.concurrency = 1;
    bus.settings.prefetch = 2;
    bus.settings.shutdownDeadlineMs = 60_000;
    const work = latch();
    const scan = recorder(() => work.opened);
    const app = await consume({ scan: scan.handle });
    await bus.events.publish(['a', 'b', 'c', 'd'].map(examplePush));
    await scan.calls(1);
    await until(() => statsOf('scan').locked === 3);
    expect(scan.seen.length).toBe(1);
    const closed = app.close();
    await until(() => statsOf('scan').active === 3);
    expect(statsOf('scan').locked).toBe(1);
    work.open();
    await closed;
    expect(statsOf('scan')).toEqual({ ...nothing, active: 3 });
  });

  it('lets no poison message keep another from its handler', async () => {
    bus.settings.concurrency = 2;
    const scan = recorder(({ event }) => {
      if (event.data.repository.startsWith('samples/poison')) throw new TypeError('a bug');
    });
    const app = await consume({ scan: scan.handle });
    const names = Array.from({ length: 40 }, (_, index) => `${index % 4 === 0 ? 'poison' : 'good'}-${index}`);
    await bus.events.publish(names.map((name) => examplePush(name)));
    await bus.deadLetters('scan', 10);
    await scan.calls(60);
    await app.close();
    const good = scan.seen.filter(({ event }) => event.data.repository.startsWith('samples/good'));
    expect(good.map(({ delivery }) => delivery.attempt)).toEqual(Array(30).fill(1));
    expect(statsOf('scan')).toMatchObject({ active: 0, locked: 0, scheduled: 0 });
  });

  describe('when it is closed', () => {
    it('gives an interrupted message back at once, so that another worker takes it', async () => {
      const first = recorder(({ delivery }) => untilAborted(delivery.signal));
      const app = await consume({ scan: first.handle });
      await bus.events.publish(examplePush());
      await first.calls(1);
      await app.close();
      expect(statsOf('scan')).toEqual({ ...nothing, active: 1 });
      const second = recorder();
      await consume({ scan: second.handle });
      const [call] = await second.calls(1);
      expect(call?.delivery.attempt).toBe(2);
    });

    it('lets a handler finish that is nearly done, and completes its message', async () => {
      const work = latch();
      const scan = recorder(() => work.opened);
      const app = await consume({ scan: scan.handle });
      await bus.events.publish(examplePush());
      const [call] = await scan.calls(1);
      const closed = app.close();
      await untilAborted(call!.delivery.signal).catch(() => undefined);
      work.open();
      await closed;
      expect(statsOf('scan')).toEqual(nothing);
    });

    it('does not wait longer than the deadline, and ignores what the handler does afterwards', async () => {
      bus.settings.shutdownDeadlineMs = 50;
      const work = latch();
      const scan = recorder(() => work.opened);
      const app = await consume({ scan: scan.handle });
      await bus.events.publish(examplePush());
      await scan.calls(1);
      await app.close();
      work.open();
      expect(statsOf('scan')).toEqual({ ...nothing, active: 1 });
    });

    it('hands no message to a handler any more', async () => {
      const scan = recorder();
      const app = await consume({ scan: scan.handle });
      await app.close();
      await bus.events.publish(examplePush());
      expect(statsOf('scan')).toEqual({ ...nothing, active: 1 });
      expect(scan.seen).toEqual([]);
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
