import fc from 'fast-check';
import { printable } from './terminal.js';

describe('cli/terminal', () => {
  it('leaves text of any language as it is', () => {
    expect(printable('für 漢字 🚢 → ok\tyes\nno')).toBe('für 漢字 🚢 → ok\tyes\nno');
  });

  it.each(['\u001b[2J', '\u001b]0;title\u0007', '\u009b31m', 'a\rb', '\u0008'])(
    'takes its power from %j',
    (text) => {
      // eslint-disable-next-line no-control-regex -- nothing of these may be left
      expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    },
  );

  it('never makes a text longer', () => {
    fc.assert(fc.property(fc.string(), (text) => printable(text).length === text.length));
  });
});
