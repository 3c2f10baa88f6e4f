import { type RegistryEvent, RepositoryName, Tag } from '@pratique/contracts';
import fc from 'fast-check';
import { compiled, decided, digest, heard, planOf, planOfState } from '../test/plan-of.js';
import { needsSourceTags } from './sync-plan.js';

describe('sync/sync-plan', () => {
  it('plans a copy under the same name, with everything that the rule says', () => {
    expect(planOf(heard('pushed'), { repositories: ['tripinsights/*'] })).toEqual({
      copies: [
        {
          rule: 'rule-0',
          source: { registry: 'vendor', repository: 'tripinsights/web', tag: '1.2' },
          target: { registry: 'customer', repository: 'tripinsights/web', tag: '1.2' },
          manner: { referrers: true, method: 'auto', overwrite: 'allow', twoWay: false },
        },
      ],
      sweeps: [],
      refused: [],
    });
  });

  it('plans one copy for every rule that matches', () => {
    const plan = planOf(
      heard('pushed'),
      { to: 'customer' },
      { to: 'archive', as: 'vendor/{repository}:{tag}' },
    );

    expect(plan.copies.map(({ target }) => `${target.registry} ${target.repository}`)).toEqual([
      'customer tripinsights/web',
      'archive vendor/tripinsights/web',
    ]);
  });

  it('says nothing of an event whose registry is the source of no rule, whatever else it names', () => {
    expect(planOf(heard('pushed', { registry: 'elsewhere' }), {})).toEqual({
      copies: [],
      sweeps: [],
      refused: [],
    });
  });

  it.each([
    ['tripinsights/*', 'tripinsights/web', true],
    ['tripinsights/*', 'tripinsights/web/cache', false],
    ['tripinsights/**', 'tripinsights/web/cache', true],
    ['tripinsights/*', 'tripinsights', false],
    ['tripinsights/*', 'tripinsights2/web', false],
    ['tripinsights/*', 'x/tripinsights/web', false],
    ['*', 'web', true],
    ['*', 'team/web', false],
    ['**', 'team/web', true],
    ['**/web', 'team/a/web', true],
    ['team-?/web', 'team-a/web', true],
    ['team-?/web', 'team-ab/web', false],
    ['a.b/web', 'axb/web', false],
  ])('the pattern %s on the repository %s: %s', (pattern, repository, matches) => {
    expect(planOf(heard('pushed', { repository }), { repositories: [pattern] }).copies).toHaveLength(
      matches ? 1 : 0,
    );
  });

  it.each([
    [['*'], '1.2', true],
    [['1.*'], '1.2-alpine', true],
    [['1.*'], '2.1', false],
    [['latest', 'v*'], 'v1', true],
    [['latest', 'v*'], 'sha256-abc.sig', false],
  ])('the patterns %j on the tag %s: %s', (tags, tag, matches) => {
    expect(planOf(heard('pushed', { tag }), { tags }).copies).toHaveLength(matches ? 1 : 0);
  });

  it.each(['pushed', 'cleared', 'approved'] as const)(
    'waits for the event that the rule names: %s',
    (when) => {
      const events = [
        heard('pushed'),
        decided('cleared'),
        decided('approved'),
        heard('deleted'),
        heard('quarantined'),
      ];
      const taken = events.filter((event) => planOf(event, { when }).copies.length > 0);

      expect(taken.map(({ type }) => type)).toEqual([`io.pratique.image.${when}.v1`]);
    },
  );

  it('holds a copy after a decision to the image that was decided on, and one after a push to none', () => {
    expect(planOf(decided('cleared'), { when: 'cleared' }).copies[0]?.decided).toBe(digest);
    expect(planOf(decided('approved'), { when: 'approved' }).copies[0]?.decided).toBe(digest);
    expect(planOf(heard('pushed'), {}).copies[0]).not.toHaveProperty('decided');
  });

  it('says for every rule why it does not apply', () => {
    const plan = planOf(
      heard('pushed'),
      { repositories: ['bicep/**', 'charts/*'] },
      { tags: ['2.*'] },
      { when: 'approved' },
      { as: `${'x'.repeat(245)}/{repository}:{tag}` },
    );

    expect(plan).toEqual({
      copies: [],
      sweeps: [],
      refused: [
        { rule: 'rule-0', code: 'repository', reason: 'takes the repositories bicep/**, charts/*' },
        { rule: 'rule-1', code: 'tag', reason: 'takes the tags 2.*' },
        {
          rule: 'rule-2',
          code: 'other-event',
          reason: 'waits until an image is approved, and this one was pushed',
        },
        {
          rule: 'rule-3',
          code: 'target-name',
          reason: expect.stringContaining('is longer than 255 characters') as string,
        },
      ],
    });
  });

  it('leaves an image without a tag to what lists it', () => {
    expect(planOf(heard('pushed', { tag: undefined }), {}).refused).toMatchObject([{ code: 'no-tag' }]);
  });

  it('names the first few of many patterns', () => {
    const repositories = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `${letter}/*`);

    expect(planOf(heard('pushed'), { repositories }).refused[0]?.reason).toBe(
      'takes the repositories a/*, b/*, c/*, d/*, e/* and 3 more',
    );
  });

  describe('with several targets', () => {
    it('plans a copy to each', () => {
      const { copies } = planOf(heard('pushed'), { to: ['customer', 'archive'] });

      expect(copies.map(({ target }) => target.registry)).toEqual(['customer', 'archive']);
    });
  });

  it('leaves out what a rule excludes, and says so', () => {
    const exclude = { repositories: ['tripinsights/web'], tags: ['*-dev', { regex: 'pr-[0-9]+' }] };

    expect(planOf(heard('pushed'), { exclude }).refused).toMatchObject([
      { code: 'excluded', reason: 'excludes the repositories tripinsights/web' },
    ]);
    expect(planOf(heard('pushed', { repository: 'other', tag: 'pr-7' }), { exclude }).refused).toMatchObject([
      { code: 'excluded', reason: 'excludes the tags *-dev, /pr-[0-9]+/' },
    ]);
    expect(planOf(heard('pushed', { repository: 'other', tag: 'pr-x' }), { exclude }).copies).toHaveLength(1);
  });

  describe('with a number of newest tags', () => {
    const sourceTags = ['1.0', '1.2', '1.10', 'v2.0.0-rc', 'latest'].map((tag) => ({ tag: Tag.parse(tag) }));

    it.each([
      ['1.10', true],
      ['1.2', true],
      ['1.0', false],
      ['latest', false],
      // It came after the listing.
      ['1.11', true],
    ])('takes %s: %s', (tag, taken) => {
      const rule = { newest: { count: 2 }, tags: [{ semver: '*' }, 'latest'] };
      const { copies, refused } = planOfState({ sourceTags }, heard('pushed', { tag }), rule);

      expect([copies.length, refused[0]?.code]).toEqual(taken ? [1, undefined] : [0, 'not-newest']);
    });

    it('asks for the tags of the source only where a rule depends on them', () => {
      const rule = { newest: { count: 2 }, tags: ['1.*'] };

      expect(needsSourceTags(heard('pushed'), compiled([rule]))).toBe(true);
      expect(needsSourceTags(heard('pushed', { tag: 'x' }), compiled([rule]))).toBe(false);
      expect(needsSourceTags(heard('deleted'), compiled([rule]))).toBe(false);
      expect(needsSourceTags(heard('pushed'), compiled([{}]))).toBe(false);
    });
  });

  describe('of a deletion', () => {
    const mirror = { delete: 'mirror' as const };

    it('takes the tag away within the bound of the rule', () => {
      expect(planOf(heard('deleted'), mirror).copies).toMatchObject([{ mirror: { maxPerHour: 20 } }]);
      expect(planOf(heard('deleted'), { ...mirror, maxDeletesPerHour: 3 }).copies).toMatchObject([
        { mirror: { maxPerHour: 3 } },
      ]);
    });

    it('looks for the tags of a manifest that was deleted by its digest', () => {
      const { copies, sweeps } = planOf(heard('deleted', { tag: undefined }), {
        ...mirror,
        as: 'copy/{repository}:{tag}',
      });

      expect(copies).toEqual([]);
      expect(sweeps).toEqual([
        {
          rule: 'rule-0',
          source: { registry: 'vendor', repository: 'tripinsights/web' },
          target: { registry: 'customer', repository: 'copy/tripinsights/web' },
          digest,
        },
      ]);
    });

    it.each([
      ['another rule may have brought there', { from: 'other', repositories: ['tripinsights/*'] }, true],
      ['another rule may have named so', { from: 'other', as: 'tripinsights/web:{tag}' }, true],
      [
        'somebody may have approved there',
        { from: 'customer', to: 'archive', when: 'approved' as const },
        true,
      ],
      ['no other rule has to do with', { from: 'other', repositories: ['else/*'] }, false],
    ])('leaves what %s', (_, other, kept) => {
      const { copies, refused } = planOf(heard('deleted'), mirror, other);

      expect(copies).toHaveLength(kept ? 0 : 1);
      expect(refused.map(({ code }) => code)).toEqual(kept ? ['claimed'] : []);
    });

    it('is not bounded where an operator gave the word', () => {
      const event = heard('deleted');
      const reconciled = {
        rule: 'r',
        target: 'customer',
        found: 'left-over',
        at: event.time,
        orderedBy: 'ann',
      };
      const ordered = { ...event, data: { ...event.data, reconciled } } as RegistryEvent;

      expect(planOf(ordered, mirror).copies).toMatchObject([{ mirror: { maxPerHour: Infinity } }]);
    });
  });

  it('always accounts for every rule of the registry, and only ever copies between the two that the rule names', () => {
    const pattern = fc.constantFrom('**', '*', 'team/*', 'team/**', '**/web', 'a?c');
    const rule = fc.record({
      from: fc.constantFrom('vendor', 'other'),
      to: fc.constantFrom('customer', 'archive'),
      repositories: fc.array(pattern, { minLength: 1, maxLength: 3 }),
      tags: fc.array(fc.constantFrom('*', '1.*', 'latest'), { minLength: 1, maxLength: 2 }),
      when: fc.constantFrom('pushed' as const, 'cleared' as const, 'approved' as const),
      as: fc.constantFrom('{repository}:{tag}', 'mirror/{repository}:{tag}-m', 'fixed:{tag}'),
    });
    const event = fc
      .record({
        repository: fc.stringMatching(/^[a-z]{1,4}(\/[a-z]{1,4}){0,2}$/),
        tag: fc.constantFrom('1.2', 'latest', 'x', undefined),
        kind: fc.constantFrom('pushed' as const, 'cleared' as const, 'approved' as const, 'deleted' as const),
      })
      .map(({ kind, ...text }) =>
        kind === 'cleared' || kind === 'approved' ? decided(kind, text) : heard(kind, text),
      );

    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), event, (rules, heardEvent) => {
        const { copies, refused } = planOf(heardEvent, ...rules);
        const names = [...copies, ...refused].map(({ rule: name }) => name).sort();

        expect(names).toEqual(
          rules.flatMap(({ from }, index) => (from === 'vendor' ? [`rule-${index}`] : [])).sort(),
        );
        for (const { rule: name, source, target } of copies) {
          expect(source).toMatchObject({ registry: 'vendor', repository: heardEvent.data.repository });
          expect(target.registry).toBe(rules[Number(name.slice(5))]?.to);
          expect(RepositoryName.safeParse(target.repository).success).toBe(true);
          expect(Tag.safeParse(target.tag).success).toBe(true);
        }
      }),
    );
  });
});
