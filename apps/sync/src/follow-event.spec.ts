import { Logger } from '@nestjs/common';
import { type Outcome, type RegistryEvent, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { buildImage, type BuiltImage, pushImage } from '@pratique/oci';
import { DistributionSettings } from '@pratique/registries';
import type { RegistryConnections } from '@pratique/registry-access';
import { anImagePushed, startTestRegistry, type TestRegistry } from '@pratique/testing';
import { FollowEvent } from './follow-event.js';
import { SyncImage } from './sync-image.js';
import { SyncRule } from './sync-rule.js';
import { compileRules } from './compiled-rule.js';

const repository = RepositoryName.parse('team/app');
const tag = Tag.parse('1');
const rule = { name: 'mirror', from: 'vendor', to: 'customer', repositories: ['team/*'], when: 'pushed' };
const first = { attempt: 1, lastAttempt: false };

describe('sync/follow-event', () => {
  let vendor: TestRegistry;
  let customer: TestRegistry;
  let image: BuiltImage;
  let event: RegistryEvent;
  let published: Outcome[];
  let publish: (outcome: Outcome) => Promise<void>;
  let followEvent: FollowEvent;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  beforeEach(async () => {
    vendor = await startTestRegistry();
    customer = await startTestRegistry();
    image = await buildImage({ layers: [{ 'bin/app': 'one' }] });
    await pushImage(vendor.client, image, { repository, tags: [tag] });
    event = anImagePushed({ repository, tag, digest: image.root.digest });
    published = [];
    publish = keep;
    const connections = connectionsOf({ vendor, customer });
    followEvent = new FollowEvent({
      rules: compileRules([SyncRule.parse(rule)]),
      connections,
      syncImage: new SyncImage(connections),
      outcomes: { publish: (outcome) => publish(outcome) },
    });
  });

  afterEach(async () => {
    await vendor.close();
    await customer.close();
  });

  function keep(outcome: Outcome): Promise<void> {
    published.push(outcome);
    return Promise.resolve();
  }

  const never = (): AbortSignal => new AbortController().signal;
  const copied = async (): Promise<string | undefined> =>
    (await customer.client.resolve(repository, tag))?.digest;

  it('says of a copy whose outcome got lost that it was completed earlier, under the same id', async () => {
    let lost: Outcome | undefined;
    publish = (outcome) => {
      lost = outcome;
      return Promise.reject(new Error('the broker is away'));
    };
    await expect(followEvent.follow(event, { ...first, signal: never() })).rejects.toThrow(
      'the broker is away',
    );
    expect(await copied()).toBe(image.root.digest);
    publish = keep;

    await followEvent.follow(event, { attempt: 2, lastAttempt: false, signal: never() });

    expect(published).toMatchObject([
      { id: lost?.id, type: 'io.pratique.sync.copied.v1', data: { reason: 'completed-earlier' } },
    ]);
  });

  it('passes the reason on when it is told to stop, and tells no outcome', async () => {
    const stop = new AbortController();
    customer.intercept(() => {
      stop.abort(new Error('shutting down'));
      return Promise.resolve('proceed');
    });

    await expect(followEvent.follow(event, { ...first, signal: stop.signal })).rejects.toThrow(
      'shutting down',
    );

    expect(published).toEqual([]);
    expect(await copied()).toBeUndefined();
  });

  it('tells no outcome when it is told to stop at the last attempt', async () => {
    const stop = new AbortController();
    customer.intercept(() => {
      stop.abort(new Error('shutting down'));
      return Promise.resolve({ status: 503 });
    });

    await expect(
      followEvent.follow(event, { attempt: 3, lastAttempt: true, signal: stop.signal }),
    ).rejects.toBeDefined();
    expect(published).toEqual([]);
  });

  it('asks to come again as late as the registry says', async () => {
    customer.intercept(() => Promise.resolve({ status: 429, headers: { 'retry-after': '30' } }));

    await expect(followEvent.follow(event, { ...first, signal: never() })).rejects.toMatchObject({
      name: 'RetryLater',
      retryAfterMs: 30_000,
    });
    expect(published).toEqual([]);
  });

  it('tells the failure instead when there is no further attempt', async () => {
    customer.intercept(() => Promise.resolve({ status: 429, headers: { 'retry-after': '30' } }));

    await followEvent.follow(event, { attempt: 10, lastAttempt: true, signal: never() });

    expect(published).toMatchObject([
      {
        type: 'io.pratique.sync.failed.v1',
        data: {
          reason: 'registry-unavailable',
          details: { code: 'throttled', side: 'target', attempts: 10 },
        },
      },
    ]);
  });
});

function connectionsOf(registries: Record<string, TestRegistry>): RegistryConnections {
  return new Map(
    Object.entries(registries).map(([name, { client, emulator }]) => {
      const settings = DistributionSettings.parse({ name, kind: 'distribution', host: emulator.host });
      return [RegistryName.parse(name), { settings, client, reader: client }];
    }),
  );
}
