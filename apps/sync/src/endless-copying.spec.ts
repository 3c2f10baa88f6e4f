import { RegistryName } from '@pratique/contracts';
import fc from 'fast-check';
import { findEndlessCopying } from './endless-copying.js';
import { nameMatcherOf } from '@pratique/config';
import { type NamedImage, renderTargetName } from './target-name.js';

interface RuleText {
  from: string;
  to: string;
  repositories?: string[];
  tags?: string[];
  as?: string;
}

function rules(...texts: RuleText[]): Parameters<typeof findEndlessCopying>[0] {
  return texts.map(({ from, to, repositories = ['**'], tags = ['*'], as = '{repository}:{tag}' }, index) => ({
    name: `rule-${index}`,
    from: RegistryName.parse(from),
    to: RegistryName.parse(to),
    repositories,
    tags,
    as,
  }));
}

describe('sync/endless-copying', () => {
  describe('accepts', () => {
    it.each<[string, RuleText[]]>([
      ['no rules', []],
      [
        'a chain',
        [
          { from: 'a', to: 'b', as: 'x/{repository}:{tag}' },
          { from: 'b', to: 'c', as: 'x/{repository}:{tag}' },
        ],
      ],
      [
        'a round that keeps the names, since the image is there after it',
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ],
      ],
      [
        'a round that renames what no rule takes again',
        [
          { from: 'a', to: 'b', repositories: ['team/*'], as: 'released/{repository}:{tag}' },
          { from: 'b', to: 'a', as: 'back/{repository}:{tag}' },
        ],
      ],
      [
        'a round to one fixed name',
        [
          { from: 'a', to: 'b', as: 'app:latest' },
          { from: 'b', to: 'a' },
        ],
      ],
      [
        'a round through many fixed names',
        [
          { from: 'a', to: 'b' },
          ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
            from: 'b',
            to: 'a',
            repositories: [`n${n}`],
            as: `n${n + 1}:{tag}`,
          })),
        ],
      ],
    ])('%s', (_, texts) => {
      expect(findEndlessCopying(rules(...texts))).toBeUndefined();
    });
  });

  describe('finds', () => {
    it.each<[string, RuleText[]]>([
      [
        'a prefix that grows',
        [
          { from: 'a', to: 'b', as: 'x/{repository}:{tag}' },
          { from: 'b', to: 'a' },
        ],
      ],
      [
        'a tag that grows',
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a', as: '{repository}:{tag}-x' },
        ],
      ],
      [
        'a prefix so long that a few rounds fill a name',
        [
          { from: 'a', to: 'b', as: `${'x'.repeat(120)}/{repository}:{tag}` },
          { from: 'b', to: 'a' },
        ],
      ],
      [
        'a way over three registries',
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'c', as: 'x/{repository}:{tag}' },
          { from: 'c', to: 'a' },
        ],
      ],
      [
        'patterns that only some names match on both sides',
        [
          { from: 'a', to: 'b', repositories: ['team/**'] },
          { from: 'b', to: 'a', repositories: ['**/web'], as: '{repository}/web:{tag}' },
        ],
      ],
      [
        'names that grow only where two rounds alternate',
        [
          { from: 'a', to: 'b', repositories: ['x', 'x/**'], as: 'y/{repository}:{tag}' },
          { from: 'a', to: 'b', repositories: ['y/**'], as: 'x/{repository}:{tag}' },
          { from: 'b', to: 'a' },
        ],
      ],
    ])('%s', (_, texts) => {
      expect(findEndlessCopying(rules(...texts))).toBeDefined();
    });

    it('and shows an example of the way', () => {
      const found = findEndlessCopying(
        rules(
          { from: 'a', to: 'b', repositories: ['app/*'], as: '{repository}:{tag}' },
          { from: 'b', to: 'a', as: '{repository}:{tag}-b' },
        ),
      );

      expect(found?.example).toBe('a app/w:w → b app/w:w → a app/w:w-b → b app/w:w-b → …');
    });
  });

  it('never accepts rules under which an image is still renamed after a hundred copies', () => {
    const registry = fc.constantFrom('a', 'b', 'c');
    const pattern = fc.constantFrom('**', '*', 'x/**', 'x/*', '**/y', 'x', 'z/**');
    const template = fc.constantFrom(
      '{repository}:{tag}',
      'x/{repository}:{tag}',
      '{repository}/y:{tag}',
      'x:{tag}',
      '{repository}:1',
    );
    const rule = fc
      .record({
        from: registry,
        to: registry,
        repositories: fc.array(pattern, { minLength: 1, maxLength: 2 }),
        as: template,
      })
      .filter(({ from, to }) => from !== to);
    const name = fc.constantFrom('x', 'y', 'q', 'x/y', 'x/q', 'q/y', 'x/q/y', 'z/y', 'z/x');

    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), name, registry, (texts, repository, start) => {
        const list = rules(...texts);
        fc.pre(findEndlessCopying(list) === undefined);

        expect(copiesUntilQuiet(list, start, repository)).toBeLessThan(100);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Plays the rules plainly: how many names an image gets before nothing new happens, or 100. */
function copiesUntilQuiet(list: ReturnType<typeof rules>, registry: string, repository: string): number {
  const seen = new Set<string>();
  const open = [{ registry, image: { repository, tag: '1' } as NamedImage }];
  for (const { registry: at, image } of open) {
    const key = `${at} ${image.repository}:${image.tag}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size >= 100) return 100;
    for (const rule of list) {
      if (rule.from !== at || !nameMatcherOf(rule.repositories)(image.repository)) continue;
      const next = renderTargetName(rule.as, image);
      if (!('problem' in next)) open.push({ registry: rule.to, image: next });
    }
  }
  return seen.size;
}
