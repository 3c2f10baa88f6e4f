import { Secret } from '@pratique/config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MessagingSettings, messagingSettingsFor, shareOf } from './messaging.settings.js';

const hosted = { namespace: 'contoso.servicebus.windows.net', identity: 'workload' };

describe('messaging/messaging.settings', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'messaging-settings-'));
    file = join(folder, 'connection');
    writeFileSync(file, 'Endpoint=sb://localhost;SharedAccessKey=hush\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes a connection string by reference, and never prints it', () => {
    const settings = MessagingSettings.parse({
      serviceBus: { connectionString: { file } },
      eventHubs: hosted,
    });
    expect(settings.serviceBus).toEqual({ connectionString: new Secret('') });
    expect((settings.serviceBus as { connectionString: Secret }).connectionString.reveal()).toContain('hush');
    expect(inspect(settings, { depth: 9 }) + JSON.stringify(settings)).not.toContain('hush');
  });

  it('has defaults for everything but the two endpoints', () => {
    expect(MessagingSettings.parse({ serviceBus: hosted, eventHubs: hosted })).toEqual({
      serviceBus: hosted,
      eventHubs: hosted,
      retry: { maxRetries: 3, delayMs: 500, maxDelayMs: 15_000, timeoutMs: 10_000 },
      redelivery: { maxAttempts: 10, baseDelayMs: 5_000, maxDelayMs: 1_800_000 },
      watchdog: { everyMs: 15_000, timeoutMs: 10_000 },
      concurrency: 8,
      prefetch: 0,
      consumers: {},
      shutdownDeadlineMs: 20_000,
    });
  });

  it('gives each subscription the share of its own, and else that of the process', () => {
    const settings = messagingSettingsFor('Endpoint=sb://localhost', {
      concurrency: 32,
      prefetch: 4,
      consumers: { sync: { concurrency: 2 }, scan: { prefetch: 0 } },
    });
    expect(shareOf(settings, 'sync')).toEqual({ concurrency: 2, prefetch: 4 });
    expect(shareOf(settings, 'scan')).toEqual({ concurrency: 32, prefetch: 0 });
    expect(shareOf(settings, 'promotion')).toEqual({ concurrency: 32, prefetch: 4 });
  });

  it.each([
    [{ consumers: { scann: { concurrency: 2 } } }],
    [{ consumers: { scan: { concurrency: 0 } } }],
    [{ consumers: { scan: { threads: 2 } } }],
  ])('refuses %j', (overrides) => {
    const settings = { serviceBus: hosted, eventHubs: hosted, ...overrides };
    expect(MessagingSettings.safeParse(settings).success).toBe(false);
  });

  it.each([
    ['nothing', {}],
    ['both', { ...hosted, connectionString: { env: 'PATH' } }],
    ['a namespace without an identity', { namespace: hosted.namespace }],
  ])('refuses an endpoint that names %s', (_, serviceBus) => {
    const { error } = MessagingSettings.safeParse({ serviceBus, eventHubs: hosted });
    expect(error?.issues).toEqual([
      expect.objectContaining({
        path: ['serviceBus'],
        message: 'needs either a connectionString, or a namespace together with an identity',
      }),
    ]);
  });

  it.each([
    [{ namespace: 'sb://contoso/', identity: 'managed' }],
    [{ namespace: hosted.namespace, identity: 'password' }],
    [{ connectionString: 'Endpoint=sb://…' }],
    [{ ...hosted, key: 'x' }],
  ])('refuses the endpoint %j', (serviceBus) => {
    expect(MessagingSettings.safeParse({ serviceBus, eventHubs: hosted }).success).toBe(false);
  });

  it('makes settings for a broker with one connection string, with the defaults and what is overridden', () => {
    const settings = messagingSettingsFor('Endpoint=sb://localhost', { concurrency: 3 });
    expect(settings).toMatchObject({ concurrency: 3, redelivery: { maxAttempts: 10 } });
    expect((settings.eventHubs as { connectionString: Secret }).connectionString.reveal()).toBe(
      'Endpoint=sb://localhost',
    );
  });
});
