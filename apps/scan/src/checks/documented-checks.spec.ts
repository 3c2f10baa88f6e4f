import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './checks.js';
import { secretKindNames } from './secret-kinds.js';

const page = readFileSync(join(__dirname, '../../../../docs/checks.md'), 'utf8');

describe('docs/checks', () => {
  it('has a chapter on every check, and on no other', () => {
    const chapters = [...page.matchAll(/^## `([\w-]+)`$/gm)].map(([, kind]) => kind);

    expect(chapters.toSorted()).toEqual(checks.map(({ kind }) => kind).toSorted());
  });

  it('names every setting of every check', () => {
    for (const { settings } of checks) {
      for (const name of Object.keys(settings.shape)) expect(page).toContain(`\`${name}\``);
    }
  });

  it('names every kind of secret', () => {
    for (const kind of secretKindNames) expect(page).toContain(`\`${kind}\``);
  });
});
