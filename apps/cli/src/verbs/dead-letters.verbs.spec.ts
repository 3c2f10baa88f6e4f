import { examplePush } from '../../../../libs/messaging/test/example-events.js';
import { type Bus, startBus } from '../../../../libs/messaging/test/start-bus.js';
import { ConfigFolder } from '../../test/config-folder.js';
import { type Circumstances, type Ran, run } from '../../test/run.js';

describe('cli/verbs/dead-letters', () => {
  let folder: ConfigFolder;
  let bus: Bus;

  beforeEach(async () => {
    folder = new ConfigFolder();
    bus = await startBus();
  });

  afterEach(async () => {
    folder.remove();
    await bus.close();
  });

  const stats = () => bus.emulator.subscriptionStats('registry-events', 'scan');

  function deadLetters(verb: string, args: string[] = [], circumstances: Circumstances = {}): Promise<Ran> {
    const config = folder.broker(bus.emulator.connectionString);
    return run(['dead-letters', verb, '--subscription', 'scan', '--config', config, ...args], circumstances);
  }

  async function giveUp(names: readonly string[], description = 'a bug'): Promise<string[]> {
    await bus.events.publish(names.map((name) => examplePush(name)));
    const receiver = bus.clients.serviceBus().createReceiver('registry-events', 'scan');
    for (let count = 0; count < names.length; count += 1) {
      const [message] = await receiver.receiveMessages(1);
      const letter = {
        deadLetterReason: 'dead-letter.unclassified',
        deadLetterErrorDescription: description,
      };
      await receiver.deadLetterMessage(message!, letter);
    }
    await receiver.close();
    return names.map((name) => examplePush(name).id);
  }

  it('has nothing to list where nothing was given up', async () => {
    expect(await deadLetters('list')).toMatchObject({
      exitCode: 0,
      out: 'scan has no dead letters.\n',
      err: '',
    });
  });

  it('lists what was given up and why, and leaves it', async () => {
    const [id] = await giveUp(['app']);

    const { exitCode, out } = await deadLetters('list');

    expect(exitCode).toBe(1);
    expect(out).toMatch(
      new RegExp(`^${id}  2\\d{3}-.* io\\.pratique\\.image\\.pushed\\.v1 samples/app@sha256:`),
    );
    expect(out).toContain('    dead-letter.unclassified: a bug\n');
    expect(out).toMatch(/scan has 1 dead letter\.\n$/);
    expect(stats()).toMatchObject({ deadLettered: 1, locked: 0 });
  });

  it('says that there are more than it lists, and gives one document to programs', async () => {
    const ids = await giveUp(['a', 'b', 'c']);

    const { out } = await deadLetters('list', ['--limit', '2', '--json']);

    const document = JSON.parse(out) as {
      more: boolean;
      deadLetters: { id: string; event: { id: string } }[];
    };
    expect(document.more).toBe(true);
    expect(document.deadLetters.map(({ id, event }) => [id, event.id])).toEqual(
      ids.slice(0, 2).map((id) => [id, id]),
    );
  });

  it('shows one whole, without letting it command the terminal', async () => {
    const [id] = await giveUp(['app', 'other'], 'evil \u001b[2J escape');

    const { exitCode, out } = await deadLetters('show', ['--id', id!]);

    expect(exitCode).toBe(0);
    expect(out).toMatch(/^description +evil .\[2J escape$/m);
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/^ {2}"repository": "samples\/app",$/m);
    expect(out).not.toContain('samples/other');
  });

  it('says so when there is none with that id', async () => {
    const { exitCode, out } = await deadLetters('show', ['--id', 'unknown']);

    expect([exitCode, out]).toEqual([1, 'There is no dead letter unknown in scan.\n']);
  });

  it('replays those that were chosen once a person agrees', async () => {
    const [first, second] = await giveUp(['a', 'b']);

    const { exitCode, out, err, questions } = await deadLetters('replay', ['--id', second!], {
      answers: 'y',
    });

    expect([exitCode, out]).toEqual([0, `${second!} was replayed\n1 was replayed.\n`]);
    expect(questions).toEqual(['Replay this one? [y/N] ']);
    expect(err).toContain(second!);
    expect(err).not.toContain(first!);
    expect(stats()).toMatchObject({ deadLettered: 1, locked: 0, active: 1 });
  });

  it.each(['n', '', 'yeah'])('changes nothing when the answer is %j', async (answers) => {
    await giveUp(['a']);

    const { exitCode, out } = await deadLetters('discard', ['--all'], { answers });

    expect([exitCode, out]).toEqual([1, 'Nothing was changed.\n']);
    expect(stats()).toMatchObject({ deadLettered: 1, locked: 0 });
  });

  it('does not act unasked where nobody can be asked', async () => {
    await giveUp(['a']);

    const { exitCode, err } = await deadLetters('replay', ['--all']);

    expect(exitCode).toBe(2);
    expect(err).toBe('Nobody can be asked here: add --yes to replay without asking\n');
    expect(stats()).toMatchObject({ deadLettered: 1, active: 0 });
  });

  it('discards all with --yes, for a program', async () => {
    const ids = await giveUp(['a', 'b', 'c']);

    const { exitCode, out, questions } = await deadLetters('discard', ['--all', '--yes', '--json']);

    const { done } = JSON.parse(out) as { done: { id: string }[] };
    expect([exitCode, questions, done.map(({ id }) => id)]).toEqual([0, [], ids]);
    expect(stats()).toMatchObject({ deadLettered: 0, locked: 0, active: 0 });
  });

  it('deals with those it finds, and names the one it does not', async () => {
    const [id] = await giveUp(['a']);

    const { exitCode, out } = await deadLetters('discard', ['--id', id!, '--id', 'unknown', '--yes']);

    expect(exitCode).toBe(1);
    expect(out).toBe(
      `There is no dead letter unknown: pratique dead-letters list shows those that there are.\n${id!} was discarded\n1 was discarded.\n`,
    );
  });

  it('says in one sentence that the broker is not there', async () => {
    await bus.emulator.close();

    const { exitCode, out, err } = await deadLetters('list');

    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^The dead letters of scan cannot be read \(.*\): check that the broker runs .*\n$/);
  });
});
