import fc from 'fast-check';
import { parseBoundedJson } from './bounded-json.js';

const limit = 64 * 1024;

function parse(text: string) {
  return parseBoundedJson(Buffer.from(text), limit);
}

describe('messaging/bounded-json', () => {
  it('refuses more bytes than allowed', () => {
    expect(parse(`"${'x'.repeat(limit)}"`)).toEqual({
      ok: false,
      why: `the body has ${limit + 2} bytes, more than the ${limit} allowed`,
    });
  });

  it.each(['', '{', 'undefined', '{"a":1}}', '\u0000'])('refuses %j, which is not JSON', (text) => {
    expect(parse(text)).toEqual({ ok: false, why: 'the body is not JSON in UTF-8' });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseBoundedJson(Buffer.from([0x22, 0xff, 0x22]), limit)).toMatchObject({ ok: false });
  });

  it('refuses nesting that would overflow the stack of whatever walks the result', () => {
    expect(parse('['.repeat(30_000) + ']'.repeat(30_000))).toEqual({
      ok: false,
      why: 'the body is nested deeper than 64 levels',
    });
    expect(parse('['.repeat(64) + ']'.repeat(64))).toMatchObject({ ok: true });
  });

  it('does not count brackets within strings', () => {
    const text = JSON.stringify({ a: '['.repeat(100), b: `"\\"${'{'.repeat(100)}` });
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it('is done at once with strings that never end', () => {
    expect(parse('"\\"'.repeat(20_000))).toMatchObject({ ok: false });
  });

  it('reads every JSON value of ordinary depth', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 10 }), (text) => {
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });
});
