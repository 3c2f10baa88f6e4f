import { readdirSync } from 'node:fs';
import { checks } from './checks.js';

describe('scan/checks/checks', () => {
  it('lists every check of the folder, and no other', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.check.ts'));

    expect(checks.map(({ kind }) => `${kind}.check.ts`).toSorted()).toEqual(files.toSorted());
  });

  it('has a test for every check', () => {
    const files = readdirSync(__dirname);

    for (const { kind } of checks) expect(files).toContain(`${kind}.check.spec.ts`);
  });
});
