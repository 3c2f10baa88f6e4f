import { heardRegistryEvent, RegistryName, RepositoryName, Tag } from '@pratique/contracts';
import { publishWithin } from './publish-within.js';

const at = '2026-03-04T08:15:30.123Z';

function events(count: number) {
  return Array.from({ length: count }, (_, index) =>
    heardRegistryEvent({
      name: 'pushed',
      identity: [String(index)],
      data: {
        registry: RegistryName.parse('vendor'),
        repository: RepositoryName.parse('a'),
        tag: Tag.parse('v1'),
        occurredAt: at,
        receivedAt: at,
      },
    }),
  );
}

describe('ingress/publish-within', () => {
  afterEach(() => jest.useRealTimers());

  it('publishes in batches that fit into a message of the broker', async () => {
    const batches: number[] = [];
    const publish = (batch: unknown): Promise<void> => {
      batches.push([batch].flat().length);
      return Promise.resolve();
    };

    await publishWithin({ publish }, events(130), 4_000);

    expect(batches).toEqual([64, 64, 2]);
  });

  it('gives up when the sender would have', async () => {
    jest.useFakeTimers();
    const publishing = publishWithin({ publish: () => new Promise(() => undefined) }, events(1), 4_000);
    const failed = expect(publishing).rejects.toThrow('did not answer within 4000 ms');

    await jest.advanceTimersByTimeAsync(4_000);

    await failed;
  });

  it('is not troubled by a failure that comes after it gave up', async () => {
    jest.useFakeTimers();
    const late = Promise.withResolvers<undefined>();
    const publishing = publishWithin({ publish: () => late.promise }, events(1), 4_000);
    const failed = expect(publishing).rejects.toThrow('did not answer');
    await jest.advanceTimersByTimeAsync(4_000);
    await failed;

    late.reject(new Error('too late'));

    await expect(late.promise).rejects.toThrow('too late');
    expect(jest.getTimerCount()).toBe(0);
  });
});
