import { readdirSync } from 'node:fs';
import { verbs } from './verbs.js';

describe('cli/verbs/verbs', () => {
  it('lists every verb of the folder, and no other', () => {
    const files = readdirSync(__dirname).filter((file) => file.endsWith('.verb.ts'));

    expect(verbs.map(({ name }) => `${name.replace(' ', '-')}.verb.ts`)).toEqual(files.toSorted());
  });

  it.each(verbs.map((verb) => [verb.name, verb] as const))(
    'teaches %s: what it does, examples, exit codes',
    (name, verb) => {
      expect(name).toMatch(/^[a-z-]+(?: [a-z-]+)?$/);
      expect(verb.summary).toMatch(/^[a-z]/);
      expect(verb.description.trim()).toMatch(/\.$/);
      expect(verb.examples).not.toHaveLength(0);
      for (const example of verb.examples) expect(example).toContain(`pratique ${name}`);
      for (const { help } of Object.values(verb.options)) expect(help).not.toBe('');
      expect(Object.keys(verb.options)).not.toContain('json');
    },
  );
});
