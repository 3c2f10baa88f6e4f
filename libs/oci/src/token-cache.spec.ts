import { TokenCache } from './token-cache.js';

describe('oci/token-cache', () => {
  let now = 0;
  let fetched = 0;
  const cacheAt = (): TokenCache => new TokenCache(() => now);
  const fetch = async (): Promise<{ value: string; lifetimeMs: number }> => {
    fetched += 1;
    return await Promise.resolve({ value: `token-${fetched}`, lifetimeMs: 300_000 });
  };

  beforeEach(() => {
    now = 0;
    fetched = 0;
  });

  it('fetches once for all who ask at the same moment', async () => {
    const cache = cacheAt();
    const tokens = await Promise.all([cache.get('a', fetch), cache.get('a', fetch), cache.get('b', fetch)]);
    expect(tokens).toEqual(['token-1', 'token-1', 'token-2']);
  });

  it('renews shortly before the token expires', async () => {
    const cache = cacheAt();
    await cache.get('a', fetch);
    now = 269_999;
    expect(await cache.get('a', fetch)).toBe('token-1');
    now = 270_000;
    expect(await cache.get('a', fetch)).toBe('token-2');
  });

  it('fetches anew what was forgotten, and only that', async () => {
    const cache = cacheAt();
    await cache.get('a', fetch);
    await cache.get('b', fetch);
    cache.forget('token-1');
    expect(await cache.get('a', fetch)).toBe('token-3');
    expect(await cache.get('b', fetch)).toBe('token-2');
  });

  it('remembers no failure', async () => {
    const cache = cacheAt();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('a', fetch)).toBe('token-1');
  });

  it('lets one caller go without failing the others', async () => {
    const cache = cacheAt();
    const gate = Promise.withResolvers<undefined>();
    const slow = async (): ReturnType<typeof fetch> => {
      await gate.promise;
      return await fetch();
    };
    const impatient = new AbortController();
    const first = cache.get('a', slow, impatient.signal);
    const second = cache.get('a', slow);
    impatient.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    gate.resolve(undefined);
    expect(await second).toBe('token-1');
  });
});
