import { GuessLimit } from './guess-limit.js';

const now = new Date(1_700_000_000_000);
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

describe('ingress/guess-limit', () => {
  let limit: GuessLimit;

  beforeEach(() => {
    limit = new GuessLimit();
  });

  const fail = (times: number, address: string | undefined, registry = 'vendor'): void => {
    for (let time = 0; time < times; time += 1) limit.failed(registry, address, now);
  };

  it('lets nobody wait who has not failed', () => {
    expect(limit.wait('vendor', '203.0.113.9', now)).toBe(0);
  });

  it('lets an address wait that has failed twenty times, and one more try pass every three seconds', () => {
    fail(19, '203.0.113.9');
    expect(limit.wait('vendor', '203.0.113.9', now)).toBe(0);
    fail(1, '203.0.113.9');
    expect(limit.wait('vendor', '203.0.113.9', now)).toBe(3);

    limit.failed('vendor', '203.0.113.9', later(3));

    expect(limit.wait('vendor', '203.0.113.9', later(3))).toBe(3);
    expect(limit.wait('vendor', '203.0.113.9', later(6))).toBe(0);
  });

  it('lets neither another address nor the same one at another registry wait', () => {
    fail(50, '203.0.113.9');

    expect([limit.wait('vendor', '203.0.113.10', now), limit.wait('customer', '203.0.113.9', now)]).toEqual([
      0, 0,
    ]);
  });

  it.each([
    ['2001:db8::1', '2001:db8::ffff'],
    ['2001:db8:0:0:1::', '2001:0DB8::9:9:9:9'],
  ])('takes %s and %s for one sender', (one, another) => {
    fail(50, one);

    expect(limit.wait('vendor', another, now)).toBe(3);
    expect(limit.wait('vendor', '2001:db8:0:1::1', now)).toBe(0);
  });

  it('takes everybody whose address is unknown for one', () => {
    fail(50, undefined);

    expect(limit.wait('vendor', undefined, now)).toBe(3);
  });

  it('forgets those who failed longest ago rather than remember everybody', () => {
    fail(20, '192.0.2.1');
    for (let host = 0; host < 10_000; host += 1)
      limit.failed('vendor', `10.0.${host >> 8}.${host & 255}`, now);

    expect(limit.wait('vendor', '192.0.2.1', now)).toBe(0);
  });
});
