import { certificateOf } from '../sns-sender.contract.js';
import { certificateCache } from './certificate-cache.js';

const text = certificateOf('cached');

describe('registries/verification/certificate-cache', () => {
  it('fetches an address once, also when it is asked for twice at a time', async () => {
    const fetch = jest.fn(() => Promise.resolve({ status: 200, text }));
    const certificate = certificateCache(fetch);

    const [first, second] = await Promise.all([certificate('a'), certificate('a')]);

    expect(second).toBe(first);
    expect(first?.subject).toBe('CN=sns.amazonaws.com');
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('remembers that an address holds no certificate, but not that it could not be reached', async () => {
    const answers = [
      () => Promise.reject(new Error('away')),
      () => Promise.resolve({ status: 404, text: '' }),
    ];
    const fetch = jest.fn(() => answers.shift()!());
    const certificate = certificateCache(fetch);

    await expect(certificate('a')).rejects.toThrow('away');
    expect([await certificate('a'), await certificate('a')]).toEqual([undefined, undefined]);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('asks for thirty unknown addresses a minute, and goes on to know what it knows', async () => {
    let now = 0;
    const certificate = certificateCache(
      () => Promise.resolve({ status: 200, text }),
      () => now,
    );
    const known = await certificate('known');
    for (let count = 1; count < 30; count += 1) await certificate(`made up ${count}`);

    await expect(certificate('one more')).rejects.toMatchObject({ code: 'too-often' });
    expect(await certificate('known')).toBe(known);
    now = 60_000;
    expect(await certificate('one more')).toBeDefined();
  });
});
