import { Secret } from '@pratique/config';
import { examplePush } from '../../test/example-events.js';
import { recorder } from '../../test/recorder.js';
import { type Bus, startBus } from '../../test/start-bus.js';
import { startConsumers } from '../../test/start-consumers.js';
import type { DeadLetterContent } from './dead-letter.js';
import { peekDeadLetters } from './peek-dead-letters.js';
import { discardDeadLetters, replayDeadLetters } from './settle-dead-letters.js';

describe('messaging/dead-letters', () => {
  let bus: Bus;

  afterEach(() => bus.close());

  const stats = () => bus.emulator.subscriptionStats('registry-events', 'scan');

  /** Gives up on events of so many names, as a worker does. */
  async function giveUp(...names: string[]): Promise<DeadLetterContent[]> {
    await bus.events.publish(names.map((name) => examplePush(name)));
    const receiver = bus.clients
      .serviceBus()
      .createReceiver('registry-events', 'scan', { skipParsingBodyAsJson: true });
    for (let count = 0; count < names.length; count += 1) {
      const [message] = await receiver.receiveMessages(1);
      await receiver.deadLetterMessage(message!, {
        deadLetterReason: 'dead-letter.unclassified',
        deadLetterErrorDescription: 'a bug',
      });
    }
    await receiver.close();
    return letters();
  }

  async function letters(): Promise<DeadLetterContent[]> {
    return (await peekDeadLetters(bus.settings, { subscription: 'scan', limit: 1000 })).letters;
  }

  const numbers = (some: readonly DeadLetterContent[]): string[] =>
    some.map(({ sequenceNumber }) => sequenceNumber);

  it('shows what was given up and why, without taking it', async () => {
    bus = await startBus();
    const [letter] = await giveUp('app');

    expect(letter).toMatchObject({
      id: examplePush('app').id,
      originalId: examplePush('app').id,
      reason: 'dead-letter.unclassified',
      description: 'a bug',
      event: { type: 'io.pratique.image.pushed.v1', id: examplePush('app').id, source: 'vendor' },
      contentType: 'application/json',
    });
    expect(letter).not.toHaveProperty('violation');
    expect(JSON.parse(letter!.body)).toMatchObject({ repository: 'samples/app' });
    expect(stats()).toMatchObject({ deadLettered: 1, locked: 0 });
  });

  it('reads them all, however many pages, in their order, and says when a limit left some out', async () => {
    bus = await startBus();
    const names = Array.from({ length: 150 }, (_, index) => `app-${index}`);
    await giveUp(...names);

    expect((await letters()).map(({ id }) => id)).toEqual(names.map((name) => examplePush(name).id));
    const few = await peekDeadLetters(bus.settings, { subscription: 'scan', limit: 2 });
    expect([few.letters.length, few.more]).toEqual([2, true]);
    const ids = [examplePush('app-140').id, 'unknown'];
    const found = await peekDeadLetters(bus.settings, { subscription: 'scan', limit: 10, ids });
    expect([found.letters.map(({ id }) => id), found.more]).toEqual([[ids[0]], false]);
  });

  it('says why a message is no registry event, and shows bytes that are no text', async () => {
    bus = await startBus();
    const types = { cloudEvents_type: 'io.pratique.image.pushed.v1' };
    await bus.sendRaw({ body: Buffer.from([0xff, 0xfe]), messageId: 'bytes', applicationProperties: types });
    const receiver = bus.clients.serviceBus().createReceiver('registry-events', 'scan');
    const [message] = await receiver.receiveMessages(1);
    await receiver.deadLetterMessage(message!);
    await receiver.close();

    expect(await letters()).toEqual([
      expect.objectContaining({ id: 'bytes', body: '//4=', violation: expect.stringMatching(/JSON|UTF-8/) }),
    ]);
  });

  it('brings a dead letter back to the subscription that gave it up, with the event unchanged', async () => {
    bus = await startBus();
    const [letter] = await giveUp('app');
    const before = bus.emulator.subscriptionStats('registry-events', 'sync').active;
    const scan = recorder();
    const app = await startConsumers(bus.settings, { scan: scan.handle });

    const settled = await replayDeadLetters(bus.settings, {
      subscription: 'scan',
      sequenceNumbers: numbers([letter!]),
    });

    expect(settled).toMatchObject({ done: [{ id: letter!.id }], stillThere: [], notFound: [] });
    const [call] = await scan.calls(1);
    const { id, data } = examplePush('app');
    expect(call!.event).toMatchObject({ id, data });
    expect(call!.delivery).toMatchObject({ attempt: 1, lastAttempt: false });
    expect(call!.delivery.messageId).not.toBe(letter!.id);
    expect(await letters()).toEqual([]);
    expect(bus.emulator.subscriptionStats('registry-events', 'sync').active).toBe(before);
    await app.close();
  });

  it('has a fresh message id for each replay of a message that is given up again and again', async () => {
    bus = await startBus();
    await giveUp('app');
    const scan = recorder(() => {
      throw new Error('still a bug');
    });
    const app = await startConsumers(bus.settings, { scan: scan.handle });
    const ids: string[] = [];
    for (let replays = 0; replays < 2; replays += 1) {
      const [letter] = await letters();
      ids.push(letter!.id);
      await replayDeadLetters(bus.settings, { subscription: 'scan', sequenceNumbers: numbers([letter!]) });
      while ((await letters()).length === 0) await scan.calls(1);
    }

    expect(scan.attempts()).toEqual([1, 2, 3, 1, 2, 3]);
    const [last] = await letters();
    expect(new Set([...ids, last!.id]).size).toBe(3);
    expect(last!.originalId).toBe(examplePush('app').id);
    await app.close();
  });

  it('takes only what was asked for, and gives the others back as they were', async () => {
    bus = await startBus();
    const all = await giveUp('a', 'b', 'c', 'd');
    const [, second, , fourth] = all;

    const settled = await discardDeadLetters(bus.settings, {
      subscription: 'scan',
      sequenceNumbers: numbers([second!, fourth!]),
    });

    expect(settled.done.map(({ id }) => id)).toEqual([second!.id, fourth!.id]);
    expect(stats()).toMatchObject({ deadLettered: 2, locked: 0 });
    expect((await letters()).map(({ id, reason }) => [id, reason])).toEqual(
      [all[0], all[2]].map((letter) => [letter!.id, letter!.reason]),
    );
  });

  it('finds one behind many others, which stay where they are', async () => {
    bus = await startBus();
    const all = await giveUp(...Array.from({ length: 120 }, (_, index) => `app-${index}`));

    const settled = await discardDeadLetters(bus.settings, {
      subscription: 'scan',
      sequenceNumbers: numbers([all.at(-1)!]),
    });

    expect(settled).toMatchObject({ done: [{ id: all.at(-1)!.id }], notFound: [] });
    expect(stats()).toMatchObject({ deadLettered: 119, locked: 0 });
    expect((await letters()).map(({ id }) => id)).toEqual(all.slice(0, -1).map(({ id }) => id));
  });

  it('says which of them were gone already', async () => {
    bus = await startBus();
    const [letter] = await giveUp('a');
    const options = { subscription: 'scan', sequenceNumbers: numbers([letter!]) } as const;
    await discardDeadLetters(bus.settings, options);

    expect(await discardDeadLetters(bus.settings, options)).toEqual({
      done: [],
      stillThere: [],
      notFound: [letter!.sequenceNumber],
    });
  });

  it('leaves the dead letter alone, unlocked, when the broker does not take the message again', async () => {
    bus = await startBus({
      intercept: (moment) =>
        moment.kind === 'send' && moment.messageIds?.[0] !== examplePush('a').id
          ? Promise.reject(new Error('the disk is full'))
          : 'proceed',
    });
    const [letter] = await giveUp('a');

    const replay = replayDeadLetters(bus.settings, {
      subscription: 'scan',
      sequenceNumbers: numbers([letter!]),
    });

    await expect(replay).rejects.toMatchObject({
      name: 'DeadLetterError',
      code: 'not-sent',
      message: expect.stringMatching(/^Dead letter .* was not replayed and is where it was\./),
    });
    expect(stats()).toMatchObject({ deadLettered: 1, locked: 0, active: 0 });
  });

  it('sends a message only once when a replay that was cut off is done again', async () => {
    let cut = true;
    bus = await startBus({
      intercept: (moment) =>
        cut && moment.kind === 'disposition' && moment.outcome === 'complete' ? 'drop' : 'proceed',
      tuning: { retry: { maxRetries: 0, timeoutMs: 300 } },
    });
    const [letter] = await giveUp('a');
    const options = { subscription: 'scan', sequenceNumbers: numbers([letter!]) } as const;
    expect(await replayDeadLetters(bus.settings, options)).toMatchObject({
      done: [],
      stillThere: [{ id: letter!.id }],
    });
    cut = false;
    expect(stats().active).toBe(1);

    await replayDeadLetters(bus.settings, options);

    expect(stats().active).toBe(1);
  });

  it('says so when no broker is there', async () => {
    bus = await startBus();
    const connectionString = new Secret(
      'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true',
    );
    const settings = { ...bus.settings, serviceBus: { connectionString } };

    await expect(peekDeadLetters(settings, { subscription: 'scan', limit: 1 })).rejects.toMatchObject({
      name: 'DeadLetterError',
      code: 'not-reachable',
    });
  });
});
