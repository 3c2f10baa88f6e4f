import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureMessagingEmulator } from '@pratique/emulators-azure-messaging';
import { type Ingress, startBroker, startIngress } from '../../test/start-ingress.js';
import { JournalSettings } from './journal.settings.js';

const vendor = { authorization: 'Bearer vendor-secret' };

function push(number: number): string {
  const target = { repository: 'bicep/network', tag: `1.0.${number}` };
  return JSON.stringify({ id: `push ${number}`, action: 'push', target });
}

function tagsOf(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `1.0.${first + index}`);
}

describe('ingress with a journal', () => {
  let directory: string;
  let broker: AzureMessagingEmulator;
  let ingress: Ingress;
  let isAway: boolean;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-'));
    isAway = false;
    broker = await startBroker({ intercept: ({ kind }) => (kind === 'send' && isAway ? 'drop' : 'proceed') });
  });

  afterEach(async () => {
    isAway = false;
    await ingress.close();
    await broker.close();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (settings: Partial<JournalSettings> = {}): Promise<void> => {
    ingress = await startIngress({ broker, journal: JournalSettings.parse({ directory, ...settings }) });
  };
  const statusOf = async (number: number): Promise<number> =>
    (await ingress.post('vendor', push(number), vendor)).status;
  const deliver = async (first: number, last: number): Promise<void> => {
    for (let number = first; number <= last; number += 1) expect(await statusOf(number)).toBe(202);
  };
  const waiting = async (): Promise<number> => {
    const metrics = await (await fetch(`${ingress.url}/metrics`)).text();
    return Number(/^pratique_journal_deliveries\{.*\} (\d+)/m.exec(metrics)?.[1]);
  };
  const drained = async (): Promise<void> => {
    while ((await waiting()) > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const published = async (): Promise<unknown[]> => (await ingress.events()).map(({ data }) => data['tag']);

  it('leaves the disk alone while the broker takes everything', async () => {
    await start();

    await deliver(1, 3);

    expect([await waiting(), await published()]).toEqual([0, tagsOf(1, 3)]);
  });

  it('answers 202 while the broker is away, and publishes in order when it is back', async () => {
    await start();
    await deliver(1, 2);
    isAway = true;
    await deliver(3, 12);
    expect(await waiting()).toBe(10);

    isAway = false;
    await deliver(13, 15);
    await drained();

    expect(await published()).toEqual(tagsOf(1, 15));
  });

  it('makes one event of a delivery that is repeated while the broker is away', async () => {
    await start();
    isAway = true;
    for (const number of [1, 1, 2, 1]) expect(await statusOf(number)).toBe(202);

    isAway = false;
    await drained();

    expect(await published()).toEqual(tagsOf(1, 2));
  });

  it('publishes after a restart what an earlier process has accepted, before anything new', async () => {
    await start();
    isAway = true;
    await deliver(1, 5);
    await ingress.stop();
    await start();
    await deliver(6, 6);

    isAway = false;
    await drained();

    expect(await published()).toEqual(tagsOf(1, 6));
  });

  it('answers 503 with a time to come again when the journal is full, and 202 when there is room', async () => {
    await start({ maxDeliveries: 2 });
    isAway = true;
    await deliver(1, 2);

    const refused = await ingress.post('vendor', push(3), vendor);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    isAway = false;
    await drained();
    await deliver(3, 3);

    expect(await published()).toEqual(tagsOf(1, 3));
  });

  it('goes on to refuse what it must while the broker is away', async () => {
    await start();
    isAway = true;

    expect((await ingress.post('vendor', push(1))).status).toBe(401);
    expect(await waiting()).toBe(0);
  });

  it('does not start on a directory that another process uses', async () => {
    await start();

    await expect(startIngress({ broker, journal: JournalSettings.parse({ directory }) })).rejects.toThrow(
      /is used by process/,
    );
  });
});
