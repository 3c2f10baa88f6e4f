import { readdirSync, readFileSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@pratique/config';
import { z } from 'zod';
import { registries } from './registries.js';
import { RegistriesSection } from './registries-section.js';
import { registryPages } from './registry-page.js';

const docs = join(__dirname, '../../../docs/registries');

describe('registries/registry-page', () => {
  it.each(registryPages())(
    'is current in docs/registries/$file (else: npm run docs:registries)',
    ({ file, text }) => {
      expect(readFileSync(join(docs, file), 'utf8')).toBe(text);
    },
  );

  it('has a page for every kind, and no page is left of a kind that is gone', () => {
    const files = registryPages().map(({ file }) => file);

    expect(readdirSync(docs).toSorted()).toEqual(files.toSorted());
  });

  describe('the example', () => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pratique-pages-'));
      writeFileSync(join(folder, 'secret'), 'a'.repeat(64));
    });

    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(registries.map(({ kind, manual }) => ({ kind, example: manual.example })))(
      'of $kind is a valid entry of that kind',
      ({ kind, example }) => {
        const text = `registries:\n${example.replaceAll(/\{ env: \w+ \}/g, `{ file: '${join(folder, 'secret')}' }`)}\n`;

        const config = parseConfig({ file: 'p.yaml', text }, z.object({ registries: RegistriesSection }));

        expect(config.registries).toMatchObject([{ kind }]);
        expect(config.registries[0]?.webhook).toBeDefined();
      },
    );
  });

  it('says of every setting what it is for', () => {
    const bare = registryPages()
      .filter(({ file }) => file !== 'README.md')
      .flatMap(({ file, text }) =>
        [...text.matchAll(/^ *- `(\w+)`(?: \(required\))?$/gm)].map(([, name]) => `${file} ${name ?? ''}`),
      );

    expect(bare).toEqual([]);
  });
});
